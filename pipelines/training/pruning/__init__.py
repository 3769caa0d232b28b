"""Encoders are made smaller before they learn: upper layers and attention heads left out."""
