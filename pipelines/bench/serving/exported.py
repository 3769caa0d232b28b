"""The network as people would export it by themselves: what their documentation says, and nothing that we found out."""

import shutil
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForSequenceClassification

OPSET = 17


def exported(checkpoint: Path, package: Path, folder: Path) -> Path:
    """A package of the checkpoint in dynamic int8, with the tokenizer and the card of ours."""
    if (folder / "model.onnx").exists():
        return folder
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "package.json"):
        shutil.copy(package / name, folder)
    whole = folder / "whole.onnx"
    _export(checkpoint, whole)
    quantize_dynamic(whole, folder / "model.onnx", weight_type=QuantType.QInt8)
    whole.unlink()
    return folder


def _export(checkpoint: Path, file: Path) -> None:
    # Eager, for the tracing exporter cannot follow the fused attention of torch.
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint, attn_implementation="eager")
    model.config.return_dict = False
    ids = torch.ones(2, 8, dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, and needs no further package
        torch.onnx.export(
            model.eval(),
            (ids, torch.ones_like(ids)),
            str(file),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "texts"}},
            opset_version=OPSET,
            dynamo=False,
        )
