"""The only room that speaks to MLflow: runs, versions and aliases, in our verbs."""
