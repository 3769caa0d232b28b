"""How a packaged model answers: without torch, without MLflow, the same in the gate and in the service."""
