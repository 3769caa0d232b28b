"""Needloop's own HTTP routes: prediction, feedback, status, their schemas, errors and description."""
