"""Examples kept from trial to trial: the states of frozen layers are most of a short trial's work."""

import time
from collections.abc import Hashable

import pandas as pd
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.training.network.network import Network
from pipelines.training.optimisation.learning import examples
from pipelines.training.optimisation.training_objective import Examples
from pipelines.tuning.space import Backbone


class ExampleCache:
    """Training and validation examples of the last backbone, fold and depth; `made` is the seconds spent making any."""

    def __init__(self) -> None:
        self.key: Hashable = None
        self.kept: dict[bool, tuple[Examples, float]] = {}
        self.made = 0.0

    @property
    def worth(self) -> float:
        """Seconds it took to make what is kept."""
        return sum(seconds for _, seconds in self.kept.values())

    def read(
        self,
        backbone: Backbone,
        fold: int,
        frame: pd.DataFrame,
        net: Network,
        tokenizer: PreTrainedTokenizerBase,
        spec: ModelSpec,
    ) -> Examples:
        """The examples of the training or the validation rows, as `examples` makes them."""
        key = (backbone, fold, net.layers, net.precision, _drawn(spec.recipe))
        if key != self.key:
            self.key, self.kept = key, {}
        held_out = bool(frame["validation"].all())
        if held_out not in self.kept:
            started = time.perf_counter()
            found = examples(frame, net, tokenizer, spec)
            self.kept[held_out] = found, time.perf_counter() - started
            self.made += self.kept[held_out][1]
        return self.kept[held_out][0]


def _drawn(recipe: Recipe) -> int | None:
    """The seed where texts or the heads that stay are drawn by it; else all seeds start from the same states."""
    heads = recipe.pruning is not None and recipe.pruning.heads > 0
    return recipe.seed if recipe.augmentation or heads else None
