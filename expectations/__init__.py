"""Data checks with Great Expectations before training, and their pages: Data Docs."""
