"""Storage of bytes at an address: a local path or an S3 URI, with the same functions for both."""
