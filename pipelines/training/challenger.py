"""A trained model on disk, and what determines it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch

from pipelines.catalog.spec import ModelSpec
from pipelines.training.export.compression import Compression
from pipelines.training.network.encoder import identity
from pipelines.training.optimisation.cost import Cost
from pipelines.training.optimisation.training_loop import Curve
from pipelines.training.pretraining.pretraining import Perplexity

METHOD = "7"  # of the key: changes when a champion that stands ought to be learnt again
ENGINE = "8"  # changes when the same snapshot and recipe would learn something else; 8: the last state, not the best
FORM = "3"  # of a package: a version in an older form is made anew


@dataclass(frozen=True)
class Challenger:
    """A trained model on disk: `weights/` to learn on from, `package/` to judge and serve."""

    folder: Path
    rows: int
    cost: Cost
    curve: Curve
    parameters: int  # that learnt
    compression: Compression = ()  # the network before and after it was made small
    precision: str = "fp32"  # in which it learnt
    perplexity: Perplexity | None = None  # of its base, before and after it read the texts

    @property
    def weights(self) -> Path:
        """Hugging Face layout, fp32."""
        return self.folder / "weights"

    @property
    def picture(self) -> Path:
        """The curves as a PNG."""
        return self.folder / "curves.png"

    @property
    def package(self) -> Path:
        """ONNX int8, tokenizer and card."""
        return self.folder / "package"


def training_key(snapshot: str, spec: ModelSpec, parent: str | None, messages: str | None = None) -> str:
    """What determines a challenger: the same key need never be trained twice; `messages` is their digest."""
    base = spec.base if parent else identity(spec.base)
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
