"""Parameter-efficient training: a few new weights are trained beside an encoder with fixed weights."""
