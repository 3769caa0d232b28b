"""Serving speed of a champion, beside other common ways of serving such a model."""
