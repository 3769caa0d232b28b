"""Alerts on the console's page Loop: one module for each source of alerts."""
