"""Training of one network: contrastive start and head initialisation for a new network, then the training loop."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find_kind
from pipelines.training.distribution.sharding import parallel_network
from pipelines.training.network.batches import tokenise
from pipelines.training.network.compiling import compiled_layers
from pipelines.training.network.network import Network
from pipelines.training.optimisation.contrastive import train_contrastive
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import Curve, ProgressCallback, training_loop
from pipelines.training.optimisation.training_objective import Examples

# Rows for the head: at least so many, so many per target on average, and so many of the rarest target.
WARM, WARM_OF_EACH, SOME = 4096, 100, 16


@dataclass(frozen=True)
class TrainingData:
    """Examples to learn from, and validation examples for early stopping."""

    train: Examples
    validation: Examples


def build_examples(frame: pd.DataFrame, net: Network, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec) -> Examples:
    """Encode the rows of a frame (text, label, weight) as examples for the network."""
    texts, recipe = frame["text"].tolist(), spec.recipe
    rows = net.prepare(tokenise(texts, tokenizer, recipe.max_tokens, recipe.truncation)) if texts else []
    objective = find_kind(spec.kind).objective
    targets = objective.encode(frame["label"].tolist(), spec.target)
    weights = torch.tensor(frame["weight"].tolist(), dtype=torch.float32)
    balance = class_weights(objective.groups(targets)) if recipe.balanced else 1
    return Examples(rows, targets, weights * balance, objective)


def output_count(spec: ModelSpec) -> int:
    """Number of outputs of a model's head."""
    return find_kind(spec.kind).objective.width(spec.target)


ExampleBuilder = Callable[[pd.DataFrame, Network, PreTrainedTokenizerBase, ModelSpec], Examples]


def class_weights(groups: torch.Tensor) -> torch.Tensor:
    """Weight per example, mean 1, under which all groups that occur have the same total weight."""
    counts = torch.bincount(groups).float()
    return (len(groups) / (counts > 0).sum() / counts)[groups]


def train_network(
    net: Network, data: TrainingData, recipe: Recipe, progress: ProgressCallback, meter: Meter, *, fresh: bool
) -> Curve:
    """Train a network in place and return its curve.

    A `fresh` network is first trained contrastively (if configured) and its head initialised; if no epoch improves on
    that state, it is kept.
    """
    with net.trainable_part():
        if fresh:
            if recipe.contrast:
                train_contrastive(net, data.train, recipe, progress, meter)
            init_head(net, _head_sample(data.train, recipe) if recipe.epochs else data.train)
        with parallel_network(net, recipe.seed) as parallel, compiled_layers(parallel, data.train, recipe):
            return training_loop(
                parallel, data.train, data.validation, recipe, progress, keep_initial=fresh, meter=meter
            )


def _head_sample(train: Examples, recipe: Recipe) -> Examples:
    """Sample for the head's initialisation: WARM rows or more at random, and SOME of every target."""
    groups = train.groups.numpy()
    order = np.random.default_rng(recipe.seed).permutation(len(groups))
    rank_in_group = pd.Series(order).groupby(groups[order]).cumcount().to_numpy()
    first = max(WARM, WARM_OF_EACH * len(np.unique(groups)))
    return train.select(order[(np.arange(len(order)) < first) | (rank_in_group < SOME)].tolist())


def init_head(net: Network, train: Examples) -> None:
    """Fit the head on the embeddings of the untrained encoder."""
    embeddings = net.predict(train.rows, embeddings=True)
    train.objective.init_head(net.model.head, embeddings, train.targets, train.weights.numpy())
