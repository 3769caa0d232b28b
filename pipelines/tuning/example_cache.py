"""Cache of examples between trials: the states of frozen layers are most of a short trial's work."""

import time
from collections.abc import Hashable

import pandas as pd
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.training.network.network import Network
from pipelines.training.optimisation.learning import build_examples
from pipelines.training.optimisation.training_objective import Examples
from pipelines.tuning.space import Backbone


class ExampleCache:
    """Training and validation examples of the last backbone, fold and frozen depth; `built_seconds` of all builds."""

    def __init__(self) -> None:
        self.key: Hashable = None
        self.cached: dict[bool, tuple[Examples, float]] = {}
        self.built_seconds = 0.0

    @property
    def cached_seconds(self) -> float:
        """Seconds that building the cached examples took."""
        return sum(seconds for _, seconds in self.cached.values())

    def read(
        self,
        backbone: Backbone,
        fold: int,
        frame: pd.DataFrame,
        net: Network,
        tokenizer: PreTrainedTokenizerBase,
        spec: ModelSpec,
    ) -> Examples:
        """Examples of the training or the validation rows, built by `build_examples` or cached."""
        key = (backbone, fold, net.frozen_layers, net.precision, _relevant_seed(spec.recipe))
        if key != self.key:
            self.key, self.cached = key, {}
        held_out = bool(frame["validation"].all())
        if held_out not in self.cached:
            started = time.perf_counter()
            examples = build_examples(frame, net, tokenizer, spec)
            self.cached[held_out] = examples, time.perf_counter() - started
            self.built_seconds += self.cached[held_out][1]
        return self.cached[held_out][0]


def _relevant_seed(recipe: Recipe) -> int | None:
    """The seed, if texts or pruned heads are drawn by it; else None: all seeds start from the same states."""
    heads = recipe.pruning is not None and recipe.pruning.heads > 0
    return recipe.seed if recipe.augmentation or heads else None
