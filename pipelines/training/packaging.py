"""What is judged and served: the trained network as quantised ONNX, with its tokenizer and its card."""

import json
import logging
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from pipelines.catalog import ModelSpec
from pipelines.training.encoder import Classifier
from pipelines.training.ensemble import Averaged

OPSET = 17


def package(model: Classifier | Averaged, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec, folder: Path) -> Path:
    """Write `model.onnx` (dynamic int8), `tokenizer.json` and `package.json` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    whole, quantised = folder / "whole.onnx", folder / "model.onnx"
    _export(model, whole)
    # Per channel: one scale for a whole matrix costs macro-F1; the head stays in fp32 for the same reason.
    logging.getLogger().addFilter(_quiet)
    try:
        quantize_dynamic(
            whole,
            quantised,
            weight_type=QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=_heads(whole),
        )
    finally:
        logging.getLogger().removeFilter(_quiet)
        whole.unlink()
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    card = {
        "model": spec.name,
        "kind": spec.kind,
        "labels": spec.labels,
        "keep_handles": spec.source.keep_handles,
        "max_tokens": spec.recipe.max_tokens,
    }
    (folder / "package.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
    return folder


def _heads(file: Path) -> list[str]:
    """The head's own nodes, under both names the quantiser gives them."""
    names = [node.name for node in onnx.load(file, load_external_data=False).graph.node if "head/" in node.name]
    return [*names, *(f"{name}_MatMul" for name in names)]


def _quiet(record: logging.LogRecord) -> bool:
    """Drop the quantiser's advice to pre-process, which this export does not need."""
    return "pre-processing" not in record.getMessage()


def _export(model: Classifier | Averaged, file: Path) -> None:
    ids = torch.ones(2, 8, dtype=torch.long)
    inputs: tuple[Tensor, Tensor] = (ids, torch.ones_like(ids))
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():  # the tracing exporter is deprecated, three times faster, and needs no onnxscript
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.cpu().eval(),
            inputs,
            str(file),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "texts"}},
            opset_version=OPSET,
            dynamo=False,
        )
