"""Encoder, head, batches, device: the forward pass."""
