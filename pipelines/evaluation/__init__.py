"""Measures of a packaged model, each with its uncertainty."""
