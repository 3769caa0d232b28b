"""Behavioural tests that need label probabilities."""
