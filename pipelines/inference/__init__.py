"""Inference of packaged models: without torch and MLflow, the same in the gate and in the service."""
