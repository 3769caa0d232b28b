"""Pruning of encoders before training: upper layers and attention heads are removed."""
