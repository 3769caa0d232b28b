"""ONNX Runtime without its telemetry: it reads the switch when it loads, so whoever needs it takes it from here."""

import os

# Since 1.29 it sends telemetry and keeps a database in the user's cache. A value of the user's wins.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

__all__ = ["onnxruntime"]
