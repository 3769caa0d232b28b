"""Kinds of models: all code that depends on the form of an answer; the rest of the tree asks the kind."""
