"""Tuning: which backbone and recipe learn a model best, found on validation rows within a time budget."""
