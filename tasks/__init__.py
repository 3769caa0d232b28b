"""How one step is run: retries, time limits, caching, and what it publishes."""
