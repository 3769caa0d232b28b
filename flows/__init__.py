"""In which order, when, and how it is started: flows, deployments, the command line."""
