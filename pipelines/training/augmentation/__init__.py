"""Augmentation: changed copies of training texts by synonyms, typing errors and back-translation."""
