"""Local HTTP servers: sockets, credentials, timeouts, and the guard of the Prefect and MLflow servers."""
