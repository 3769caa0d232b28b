"""Challenger: a trained model on disk, and the key of its training."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

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
