"""The same models in the words of other people's clients: the Open Inference Protocol v2, and MLflow's scoring."""
