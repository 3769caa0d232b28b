"""Benchmarks: what is claimed, measured beside its peers in one run; nothing imports it but the command line."""
