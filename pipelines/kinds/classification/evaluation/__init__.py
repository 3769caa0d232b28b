"""Measures of a version with one label per text."""
