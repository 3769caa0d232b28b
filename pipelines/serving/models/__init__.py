"""The models in memory: loaded packages, pauses, the prediction cache."""
