"""The models in memory: packages loaded as the ledger names them, pauses, the prediction cache."""
