"""Other prediction protocols: the Open Inference Protocol v2, and MLflow's scoring protocol."""
