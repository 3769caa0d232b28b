"""HTTP client of a running service, without any of the service's dependencies."""
