"""The database of predictions, feedback, API keys and leases."""
