"""Processes that commands start and stop: Prefect, MLflow, the service, the deployments."""
