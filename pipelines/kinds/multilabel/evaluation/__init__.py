"""Measures of a version with several labels per text."""
