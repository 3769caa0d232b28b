"""The settings, and the home that they name, opened as one value."""
