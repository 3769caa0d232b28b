"""ONNX Runtime with telemetry off: it reads the switch when it loads, so other modules import it from here."""

import os

# Since 1.29 it sends telemetry and keeps a database in the user's cache. A value that the user has set wins.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

__all__ = ["onnxruntime"]
