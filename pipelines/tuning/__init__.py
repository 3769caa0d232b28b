"""Tuning: search for the backbone and recipe with the best validation score within a time budget."""
