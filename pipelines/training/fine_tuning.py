"""From a snapshot to a challenger: start from a pretrained encoder, or from the champion, and learn."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from pipelines.catalog import ModelSpec, Recipe
from pipelines.training.batches import encoded
from pipelines.training.device import device
from pipelines.training.encoder import Classifier, pretrained, restored, save
from pipelines.training.head import warm_start
from pipelines.training.loop import Curve, Examples, Watch, descend
from pipelines.training.network import Network, network
from pipelines.training.packaging import package

METHOD = "1"  # changes when the same snapshot and recipe would learn something else


@dataclass(frozen=True)
class Challenger:
    """A trained model on disk: `weights/` to learn on from, `package/` to judge and serve."""

    folder: Path
    rows: int
    seconds: float
    curve: Curve
    parameters: int

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
    started = time.perf_counter()
    torch.manual_seed(spec.recipe.seed)
    start = restored(parent, len(spec.labels), spec.recipe.dropout) if parent else _fresh(spec)
    model, tokenizer = start
    learnt = train[~train["validation"]]
    lesson = rehearsed(learnt, spec) if parent else learnt
    net = network(model, device(), spec.recipe.frozen_layers)

    def examples(frame: pd.DataFrame) -> Examples:
        rows = net.rows(encoded(frame["text"].tolist(), tokenizer, spec.recipe.max_tokens)) if len(frame) else []
        labels = [spec.labels.index(label) for label in frame["label"]]
        return Examples(rows, torch.tensor(labels), torch.tensor(frame["weight"].tolist(), dtype=torch.float32))

    lessons, validation = examples(lesson), examples(train[train["validation"]])
    with net.learning():
        if not parent:
            _warm(net, lessons)
        recipe = gentle(spec.recipe) if parent else spec.recipe
        curve = descend(net, lessons, validation, recipe, watch, may_stay=parent is None)
    model.cpu()
    save(model, tokenizer, folder / "weights")
    package(model, tokenizer, spec, folder / "package")
    seconds = time.perf_counter() - started
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    return Challenger(folder, len(lesson), seconds, curve, trained)


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


def _fresh(spec: ModelSpec) -> tuple[Classifier, PreTrainedTokenizerBase]:
    return pretrained(spec.base, len(spec.labels), spec.recipe.dropout)


def _warm(net: Network, lessons: Examples) -> None:
    embeddings = net.scored(lessons.rows, embeddings=True)
    warm_start(net.model.head, embeddings, lessons.labels.numpy(), lessons.weights.numpy())
