"""Metrics, logs, request times, and events for Prefect."""
