"""The first declaration of a model, generated from a data file."""
