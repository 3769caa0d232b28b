"""The readers: from the bytes of one format to rows."""
