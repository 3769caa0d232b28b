"""The interface to MLflow: runs, versions and aliases."""
