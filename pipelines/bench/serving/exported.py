"""The network exported as its documentation describes, without our optimisations."""

import shutil
from pathlib import Path

from transformers import AutoModelForSequenceClassification

from pipelines.training.export.packaging import export_onnx


def export_int8(checkpoint: Path, package: Path, folder: Path) -> Path:
    """A package of the checkpoint in dynamic int8, with our tokenizer and metadata; an existing one is kept."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if (folder / "model.onnx").exists():
        return folder
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "package.json"):
        shutil.copy(package / name, folder)
    fp32 = folder / "whole.onnx"
    # Eager, because the tracing exporter cannot follow the fused attention of torch.
    network = AutoModelForSequenceClassification.from_pretrained(checkpoint, attn_implementation="eager")
    network.config.return_dict = False
    export_onnx(network, fp32)
    quantize_dynamic(fp32, folder / "model.onnx", weight_type=QuantType.QInt8)
    fp32.unlink()
    return folder
