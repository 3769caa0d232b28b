"""Challenger: a trained model on disk, the picture of its learning curves, and the key of its training."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from pipelines.catalog.spec import ModelSpec
from pipelines.training.export.compression import Compression
from pipelines.training.network.encoder_files import encoder_digest
from pipelines.training.optimisation.cost import Cost
from pipelines.training.optimisation.training_loop import Curve
from pipelines.training.pretraining.pretraining import Perplexity

METHOD = "7"  # part of the key: a change retrains champions that are unchanged otherwise
ENGINE = "8"  # changes when the same snapshot and recipe train differently; 8: the last state, not the best
FORM = "3"  # of a package: a version in an older form is packaged again


@dataclass(frozen=True)
class Challenger:
    """A trained model on disk: `weights/` to continue from, `package/` to evaluate and serve."""

    folder: Path
    rows: int
    cost: Cost
    curve: Curve
    parameters: int  # trainable
    compression: Compression = ()  # the network before and after quantisation
    precision: str = "fp32"  # of the forward pass in training
    perplexity: Perplexity | None = None  # of its base, before and after pretraining

    @property
    def weights(self) -> Path:
        """Weights in Hugging Face layout, fp32."""
        return self.folder / "weights"

    @property
    def picture(self) -> Path:
        """Learning curves as a PNG."""
        return self.folder / "curves.png"

    @property
    def package(self) -> Path:
        """Package: ONNX int8, tokenizer and metadata."""
        return self.folder / "package"


def training_key(snapshot: str, spec: ModelSpec, parent: str | None, messages: str | None = None) -> str:
    """Digest of all inputs of a training: the same key need never be trained twice; `messages` is their digest."""
    base = spec.base_model if parent else encoder_digest(spec.base_model)
    parts = [
        METHOD,
        FORM,
        snapshot,
        spec.recipe.model_dump_json(),
        base,
        spec.target.identity,
        parent,
        torch.__version__,
    ]
    parts += [messages] if messages else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def curves_picture(curve: Curve, file: Path, score: str) -> Path:
    """Plot loss (of each batch, and its running mean) and validation score over the steps as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    steps, losses = _columns(curve.loss)
    left.plot(steps, losses, color="lightgray", linewidth=0.8, label="loss of a batch")
    left.plot(steps, pd.Series(losses).ewm(span=max(2, len(losses) / 10)).mean(), color="tab:gray", label="its mean")
    right.plot(*_columns(curve.score), color="tab:blue", marker="o", label=f"validation {score}")
    left.set(xlabel="step", ylabel="loss", title=f"rate {curve.rate:.1e}")
    right.set_ylabel(f"validation {score}")
    figure.legend(loc="outside lower center", ncols=3)
    figure.savefig(file, dpi=110)
    return file


def _columns(points: list[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [step for step, _ in points], [value for _, value in points]
