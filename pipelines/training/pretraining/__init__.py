"""Masked-language pretraining on unlabelled texts of the domain."""
