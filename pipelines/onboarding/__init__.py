"""The first declaration of a model, made from a file."""
