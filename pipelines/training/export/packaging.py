"""What is judged and served: the trained network as quantised ONNX, with its tokenizer and its card."""

import json
import logging
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.spec import ModelSpec
from pipelines.training.export.activation_calibration import calibrate_activations
from pipelines.training.export.attention_fusion import eager_attention, fuse_attention
from pipelines.training.network.encoder import Classifier
from pipelines.training.optimisation.ensemble import Averaged

OPSET = 17


def package(
    model: Classifier | Averaged,
    tokenizer: PreTrainedTokenizerBase,
    spec: ModelSpec,
    folder: Path,
    texts: Sequence[str] = (),
) -> Path:
    """Write `model.onnx` (int8), `tokenizer.json` and `package.json`; `texts` are such as it will read."""
    with whole_package(model, tokenizer, spec, folder) as whole:
        return quantised(whole, folder, texts)


@contextmanager
def whole_package(
    model: Classifier | Averaged, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec, folder: Path
) -> Iterator[Path]:
    """Within, a package of the network as it was trained, in fp32, lies beside the `folder` of the one to come."""
    whole = folder.with_name(f"{folder.name}-whole")
    whole.mkdir(parents=True, exist_ok=True)
    try:
        _export(model, whole / "model.onnx")
        fuse_attention(whole / "model.onnx", model)
        tokenizer.backend_tokenizer.save(str(whole / "tokenizer.json"))
        card = {
            "model": spec.name,
            "kind": spec.kind,
            **spec.target.card(),
            "keep_handles": spec.source.keep_handles,
            "max_tokens": spec.recipe.max_tokens,
        }
        (whole / "package.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
        yield whole
    finally:
        shutil.rmtree(whole)


def quantised(whole: Path, folder: Path, texts: Sequence[str] = ()) -> Path:
    """The int8 package in `folder` of a whole one; its activations have the ranges that `texts` reach."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    shutil.copytree(whole, folder, ignore=shutil.ignore_patterns("model.onnx*"), dirs_exist_ok=True)
    # Per channel: one scale for a whole matrix costs macro-F1; the head stays in fp32 for the same reason.
    logging.getLogger().addFilter(_quiet)
    try:
        quantize_dynamic(
            whole / "model.onnx",
            folder / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=_heads(whole / "model.onnx"),
            # The type of what a fused node gives, which the quantiser cannot infer.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    finally:
        logging.getLogger().removeFilter(_quiet)
    calibrate_activations(folder, whole, texts)
    return folder


def _heads(file: Path) -> list[str]:
    """The head's own nodes, under both names the quantiser gives them."""
    names = [node.name for node in onnx.load(file, load_external_data=False).graph.node if "head/" in node.name]
    return [*names, *(f"{name}_MatMul" for name in names)]


def _quiet(record: logging.LogRecord) -> bool:
    """Drop the quantiser's advice to pre-process, which this export does not need."""
    return "pre-processing" not in record.getMessage()


def _export(model: Classifier | Averaged, file: Path) -> None:
    with eager_attention(model):
        traced(model, file)


def traced(model: nn.Module, file: Path) -> None:
    """A network of ids and their mask as ONNX, for any number of texts and tokens."""
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
