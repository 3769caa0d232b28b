"""One network learns: its head warmed by what frozen embeddings tell, then the descent."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find
from pipelines.training.distribution.sharding import shared
from pipelines.training.network.batches import encoded
from pipelines.training.network.compiling import compiled
from pipelines.training.network.network import Network
from pipelines.training.optimisation.contrastive import contrast
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import Curve, Watch, descend
from pipelines.training.optimisation.training_objective import Examples

WARM, WARM_OF_EACH, SOME = 4096, 100, 16  # rows: at least so many, so many on average, and of the rarest target


@dataclass(frozen=True)
class TrainingData:
    """What is learnt from, and what tells when to stop."""

    train: Examples
    validation: Examples


def examples(frame: pd.DataFrame, net: Network, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec) -> Examples:
    """The rows of a frame (text, label, weight) as the network takes them."""
    rows = net.rows(encoded(frame["text"].tolist(), tokenizer, spec.recipe.max_tokens)) if len(frame) else []
    objective = find(spec.kind).objective
    targets = objective.encode(frame["label"].tolist(), spec.target)
    weights = torch.tensor(frame["weight"].tolist(), dtype=torch.float32)
    balance = evened(objective.groups(targets)) if spec.recipe.balanced else 1
    return Examples(rows, targets, weights * balance, objective)


def outputs(spec: ModelSpec) -> int:
    """How many outputs the head of a model has."""
    return find(spec.kind).objective.width(spec.target)


Reader = Callable[[pd.DataFrame, Network, PreTrainedTokenizerBase, ModelSpec], Examples]


def evened(groups: torch.Tensor) -> torch.Tensor:
    """A weight per example under which every group that occurs weighs as much as any other; the mean is 1."""
    counts = torch.bincount(groups).float()
    return (len(groups) / (counts > 0).sum() / counts)[groups]


def learn(net: Network, lesson: TrainingData, recipe: Recipe, watch: Watch, meter: Meter, *, fresh: bool) -> Curve:
    """Train a network in place; a fresh one gets its contrast and a warm head first, and may stay where that put it."""
    with net.learning():
        if fresh:
            if recipe.contrast:
                contrast(net, lesson.train, recipe, watch, meter)
            init_head(net, _enough(lesson.train, recipe) if recipe.epochs else lesson.train)
        with shared(net, recipe.seed) as one, compiled(one, lesson.train, recipe):
            return descend(one, lesson.train, lesson.validation, recipe, watch, may_stay=fresh, meter=meter)


def _enough(lessons: Examples, recipe: Recipe) -> Examples:
    """What a head that will learn on starts from: WARM or more by lot, and of every target some."""
    groups = lessons.groups.numpy()
    order = np.random.default_rng(recipe.seed).permutation(len(groups))
    places = pd.Series(order).groupby(groups[order]).cumcount().to_numpy()
    first = max(WARM, WARM_OF_EACH * len(np.unique(groups)))
    return lessons.chosen(order[(np.arange(len(order)) < first) | (places < SOME)].tolist())


def init_head(net: Network, lessons: Examples) -> None:
    """Set the head to what the embeddings tell as they are."""
    embeddings = net.scored(lessons.rows, embeddings=True)
    lessons.objective.warm(net.model.head, embeddings, lessons.targets, lessons.weights.numpy())
