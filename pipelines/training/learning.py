"""One network learns: its head warmed by what frozen embeddings tell, then the descent."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.catalog import ModelSpec
from pipelines.recipe import Recipe
from pipelines.training.batches import encoded
from pipelines.training.compiling import compiled
from pipelines.training.contrast import contrast
from pipelines.training.cost import Meter
from pipelines.training.head import warm_start
from pipelines.training.loop import Curve, Watch, descend
from pipelines.training.network import Network
from pipelines.training.objective import Examples
from pipelines.training.sharding import shared

WARM, WARM_OF_EACH, SOME = 4096, 100, 16  # rows: at least so many, so many on average, and of the rarest label


@dataclass(frozen=True)
class Lesson:
    """What is learnt from, and what tells when to stop."""

    train: Examples
    validation: Examples


def examples(frame: pd.DataFrame, net: Network, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec) -> Examples:
    """The rows of a frame (text, label, weight) as the network takes them."""
    rows = net.rows(encoded(frame["text"].tolist(), tokenizer, spec.recipe.max_tokens)) if len(frame) else []
    labels = torch.tensor([spec.labels.index(label) for label in frame["label"]], dtype=torch.long)
    weights = torch.tensor(frame["weight"].tolist(), dtype=torch.float32)
    return Examples(rows, labels, weights * evened(labels) if spec.recipe.balanced else weights)


Reader = Callable[[pd.DataFrame, Network, PreTrainedTokenizerBase, ModelSpec], Examples]


def evened(labels: torch.Tensor) -> torch.Tensor:
    """A weight per example under which every label that occurs weighs as much as any other; the mean is 1."""
    counts = torch.bincount(labels).float()
    return (len(labels) / (counts > 0).sum() / counts)[labels]


def learn(net: Network, lesson: Lesson, recipe: Recipe, watch: Watch, meter: Meter, *, fresh: bool) -> Curve:
    """Train a network in place; a fresh one gets its contrast and a warm head first, and may stay where that put it."""
    with net.learning():
        if fresh:
            if recipe.contrast:
                contrast(net, lesson.train, recipe, watch, meter)
            warm(net, _enough(lesson.train, recipe) if recipe.epochs else lesson.train)
        with shared(net, recipe.seed) as one, compiled(one, lesson.train, recipe):
            return descend(one, lesson.train, lesson.validation, recipe, watch, may_stay=fresh, meter=meter)


def _enough(lessons: Examples, recipe: Recipe) -> Examples:
    """What a head that will learn on starts from: WARM or more by lot, and of every label some."""
    labels = lessons.labels.numpy()
    order = np.random.default_rng(recipe.seed).permutation(len(labels))
    places = pd.Series(order).groupby(labels[order]).cumcount().to_numpy()
    first = max(WARM, WARM_OF_EACH * len(np.unique(labels)))
    return lessons.chosen(order[(np.arange(len(order)) < first) | (places < SOME)].tolist())


def warm(net: Network, lessons: Examples) -> None:
    """Set the head to what a logistic regression reads from the embeddings as they are."""
    embeddings = net.scored(lessons.rows, embeddings=True)
    warm_start(net.model.head, embeddings, lessons.labels.numpy(), lessons.weights.numpy())
