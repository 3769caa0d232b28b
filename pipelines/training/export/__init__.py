"""From a trained network to a quantised ONNX package."""
