"""From a snapshot to a challenger: start from a pretrained encoder, or from the champion, and learn."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from pipelines.catalog import ModelSpec
from pipelines.recipe import Recipe
from pipelines.training.cost import Cost, Meter
from pipelines.training.device import device
from pipelines.training.encoder import Classifier, pretrained
from pipelines.training.ensemble import joined, seeds, taught
from pipelines.training.learning import Lesson, examples
from pipelines.training.loop import Curve, Watch
from pipelines.training.network import learning_weights, network
from pipelines.training.packaging import package
from pipelines.training.saving import restored, save

METHOD = "2"  # changes when the same snapshot and recipe would learn something else


@dataclass(frozen=True)
class Challenger:
    """A trained model on disk: `weights/` to learn on from, `package/` to judge and serve."""

    folder: Path
    rows: int
    cost: Cost
    curve: Curve
    parameters: int  # that learnt

    @property
    def weights(self) -> Path:
        """Hugging Face layout, fp32."""
        return self.folder / "weights"

    @property
    def package(self) -> Path:
        """ONNX int8, tokenizer and card."""
        return self.folder / "package"


def training_key(snapshot: str, spec: ModelSpec, parent: str | None) -> str:
    """What determines a challenger: the same key need never be trained twice."""
    parts = [METHOD, snapshot, spec.recipe.model_dump_json(), spec.base, spec.labels, parent, torch.__version__]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def fine_tune(train: pd.DataFrame, spec: ModelSpec, folder: Path, parent: Path | None, watch: Watch) -> Challenger:
    """Learn the labels of `train` (columns text, label, validation, origin, weight); write weights and package."""
    transformers_logging.disable_progress_bar()
    meter = Meter(spec.recipe.budget)
    learnt = train[~train["validation"]]
    frame = rehearsed(learnt, spec) if parent else learnt
    recipe = gentle(spec.recipe) if parent else spec.recipe
    models, tokenizer = champion(parent, spec) if parent else fresh(spec)
    nets = [network(model, device(), recipe.frozen_layers) for model in models]
    lesson = Lesson(*(examples(part, nets[0], tokenizer, spec) for part in (frame, train[train["validation"]])))
    nets, curve = taught(nets, lesson, recipe, watch, meter, pupil=None if parent else lambda: fresh(spec)[0][0])
    trained = [net.model.cpu() for net in nets]
    save(trained, tokenizer, folder / "weights")
    package(joined(trained), tokenizer, spec, folder / "package")
    return Challenger(folder, len(frame), meter.spent(), curve, learning_weights(nets[0]))


def rehearsed(train: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """What a second cycle learns from: all feedback, and `rehearsal` source rows to each, so that little is forgotten.

    Experience replay (Rolnick et al., 2019). Rows are drawn by the recipe's seed.
    """
    feedback, source = train[train["origin"] == "feedback"], train[train["origin"] == "source"]
    kept = min(len(source), max(round(len(feedback) * spec.recipe.rehearsal), spec.recipe.batch))
    return pd.concat([feedback, source.sample(kept, random_state=spec.recipe.seed)])


def gentle(recipe: Recipe) -> Recipe:
    """How a champion learns on: a quarter of the rate or less, the head no faster than the body.

    At the first cycle's rates a champion loses some of what it knew.
    """
    return recipe.model_copy(
        update={"epochs": recipe.again_epochs, "rate": recipe.again_rate, "head_rate": recipe.again_rate}
    )


def fresh(spec: ModelSpec) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """One classifier over the pretrained base for each seed of the recipe."""
    models = []
    for seed in seeds(spec.recipe):
        torch.manual_seed(seed)
        model, tokenizer = pretrained(spec.base, len(spec.labels), spec.recipe.dropout, spec.recipe.encoder_dropout)
        models.append(model)
    return models, tokenizer


def champion(folder: Path, spec: ModelSpec) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """The networks of a champion, as they were saved."""
    return restored(folder, len(spec.labels), spec.recipe.dropout, spec.recipe.encoder_dropout)
