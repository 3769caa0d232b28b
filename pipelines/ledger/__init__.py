"""The ledger: append-only, hash-chained and signed, one JSON line per decision; the service trusts nothing else."""
