"""The network as people would export it by themselves: what their documentation says, and nothing that we found out."""

import shutil
from pathlib import Path

from transformers import AutoModelForSequenceClassification

from pipelines.training.export.packaging import traced


def exported(checkpoint: Path, package: Path, folder: Path) -> Path:
    """A package of the checkpoint in dynamic int8, with the tokenizer and the card of ours."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if (folder / "model.onnx").exists():
        return folder
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "package.json"):
        shutil.copy(package / name, folder)
    whole = folder / "whole.onnx"
    # Eager, for the tracing exporter cannot follow the fused attention of torch.
    network = AutoModelForSequenceClassification.from_pretrained(checkpoint, attn_implementation="eager")
    network.config.return_dict = False
    traced(network, whole)
    quantize_dynamic(whole, folder / "model.onnx", weight_type=QuantType.QInt8)
    whole.unlink()
    return folder
