"""Prefect tasks, one per step: retries, time limits, caching and published artifacts."""
