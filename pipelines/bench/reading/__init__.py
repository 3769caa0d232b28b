"""Benchmark of reading a large source: seconds, memory and exactness."""
