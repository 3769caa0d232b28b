"""Packaging: the trained network as quantised ONNX, with its tokenizer and metadata."""

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
from pipelines.training.optimisation.ensemble import EnsembleMean

OPSET = 17


def package(
    model: Classifier | EnsembleMean,
    tokenizer: PreTrainedTokenizerBase,
    spec: ModelSpec,
    folder: Path,
    texts: Sequence[str] = (),
) -> Path:
    """Write `model.onnx` (int8), `tokenizer.json` and `package.json`; `texts` are representative inputs."""
    with fp32_package(model, tokenizer, spec, folder) as fp32:
        return quantise(fp32, folder, texts)


@contextmanager
def fp32_package(
    model: Classifier | EnsembleMean, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec, folder: Path
) -> Iterator[Path]:
    """Within, the fp32 package of the trained network lies beside the `folder` of the int8 one."""
    fp32 = folder.with_name(f"{folder.name}-whole")
    fp32.mkdir(parents=True, exist_ok=True)
    try:
        export_for_fusion(model, fp32 / "model.onnx")
        fuse_attention(fp32 / "model.onnx", model)
        tokenizer.backend_tokenizer.save(str(fp32 / "tokenizer.json"))
        metadata = {
            "model": spec.name,
            "kind": spec.kind,
            **spec.target.card(),
            "keep_handles": spec.source.keep_handles,
            "masking": spec.source.masking.card(),
            # `truncation` only if it is not the default, as packages from before it was there have it.
            **spec.recipe.model_dump(include={"max_tokens", "truncation"}),
        }
        (fp32 / "package.json").write_text(json.dumps(metadata, indent=1), encoding="utf-8")
        yield fp32
    finally:
        shutil.rmtree(fp32)


def quantise(fp32: Path, folder: Path, texts: Sequence[str] = ()) -> Path:
    """Write the int8 package of an fp32 one into `folder`; the activation scales cover the ranges of `texts`."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    shutil.copytree(fp32, folder, ignore=shutil.ignore_patterns("model.onnx*"), dirs_exist_ok=True)
    # Per channel: one scale for a whole matrix lowers macro-F1; the head stays in fp32 for the same reason.
    logging.getLogger().addFilter(_is_relevant)
    try:
        quantize_dynamic(
            fp32 / "model.onnx",
            folder / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=_head_nodes(fp32 / "model.onnx"),
            # Output type of fused nodes, which the quantiser cannot infer.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    finally:
        logging.getLogger().removeFilter(_is_relevant)
    calibrate_activations(folder, fp32, texts)
    return folder


def _head_nodes(file: Path) -> list[str]:
    """The head's nodes, under both names that the quantiser gives them."""
    names = [node.name for node in onnx.load(file, load_external_data=False).graph.node if "head/" in node.name]
    return [*names, *(f"{name}_MatMul" for name in names)]


def _is_relevant(record: logging.LogRecord) -> bool:
    """False for the quantiser's advice to pre-process, which this export does not need."""
    return "pre-processing" not in record.getMessage()


def export_for_fusion(model: Classifier | EnsembleMean, file: Path) -> None:
    """Write the ONNX graph with attention in the steps that can be fused."""
    with eager_attention(model):
        export_onnx(model, file)


def export_onnx(model: nn.Module, file: Path) -> None:
    """Export a network of ids and their mask as ONNX, for any number of texts and tokens."""
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
