"""Attention as one node of the graph, where ONNX Runtime recognises it: an eighth less time for a text on a CPU."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from pipelines.inference.runtime import onnxruntime
from pipelines.training.network.encoder import Classifier

# A graph that fills a file of its own has its weights beside it, and stays as it is.
LARGEST = 2 * 2**30 - 1
CLOSE = 1e-3
RECOGNISED, KEPT = "eager", "sdpa"


@contextmanager
def eager_attention(model: nn.Module) -> Iterator[None]:
    """Within, attention is computed in the steps that are recognised; an encoder with a way of its own keeps that."""
    changed = [one for one in _encoders(model) if one.config._attn_implementation == KEPT]
    for one in changed:
        one.set_attn_implementation(RECOGNISED)
    try:
        yield
    finally:
        for one in changed:
            one.set_attn_implementation(KEPT)


def fuse_attention(file: Path, model: nn.Module) -> bool:
    """Put the fused graph in place of the exported one, if it answers alike; whether it did."""
    if file.stat().st_size > LARGEST:
        return False
    draft = file.with_name(f"fused-{file.name}")
    try:
        found = _optimised(file, draft, model) and np.allclose(_answers(file), _answers(draft), rtol=CLOSE, atol=CLOSE)
        if found:
            draft.replace(file)
        return bool(found)
    finally:
        draft.unlink(missing_ok=True)


def _optimised(file: Path, draft: Path, model: nn.Module) -> bool:
    # Here, since nothing but packaging needs them, and they take a second.
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    options = FusionOptions("bert")
    # These kernels are scalar code on CPUs: 81 µs against 20 for the nodes that they replace.
    options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = False
    options.enable_bias_gelu = options.enable_embed_layer_norm = False
    config = _encoders(model)[0].config
    heads, hidden = getattr(config, "num_attention_heads", 0), getattr(config, "hidden_size", 0)
    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    found = optimize_model(str(file), "bert", heads, hidden, optimization_options=options, opt_level=0)
    if not found.get_fused_operator_statistics()["Attention"]:
        return False
    found.save_model_to_file(str(draft))
    return True


def _encoders(model: nn.Module) -> list[Any]:
    return [one.encoder for one in model.modules() if isinstance(one, Classifier)]


def _answers(file: Path) -> Any:
    """To ids that every vocabulary has, a short text beside a long one."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    ids = np.random.default_rng(7).integers(0, 20, (2, 33))
    mask = np.ones_like(ids)
    mask[1, 9:] = 0
    return session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]
