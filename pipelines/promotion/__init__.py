"""The gate's decision, promotion, rollout, rollback and retention of versions."""
