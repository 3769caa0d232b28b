"""Masking of personal data before a message is first stored, identical in training and in serving."""
