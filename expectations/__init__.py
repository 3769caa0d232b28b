"""What must be true of data before a model learns from it, and the proof of it: Data Docs."""
