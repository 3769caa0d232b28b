"""Behavioural tests where a test split has too few texts (CheckList, Ribeiro and others, 2020)."""
