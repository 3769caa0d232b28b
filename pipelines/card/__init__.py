"""The model card of a version: its origin, evidence, decision, cost and weak points."""
