"""Runs trials: a recipe is trained on the training rows and scored on the validation rows; nothing is written."""

from dataclasses import dataclass
from functools import partial

import pandas as pd
import torch

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.splits import VALIDATION
from pipelines.ingestion.text import bucket
from pipelines.kinds.known import find_kind
from pipelines.kinds.objective import Indicators
from pipelines.training.fine_tuning import TrainedNetworks, train_networks
from pipelines.training.network.network import trainable_parameters
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import ExampleBuilder, output_count
from pipelines.training.optimisation.training_loop import ProgressCallback
from pipelines.tuning.example_cache import ExampleCache
from pipelines.tuning.resampled_score import ResampledScore
from pipelines.tuning.space import Backbone
from pipelines.tuning.trial import Result

POINTS = 200  # of a loss curve that are recorded
FOLDS = round(1 / VALIDATION)


class NoValidationRows(ValueError):
    """The snapshot has no validation rows of two labels."""


@dataclass(frozen=True)
class Fold:
    """Rows with the held-out ones marked, the held-out rows alone, and their scoring."""

    number: int
    train: pd.DataFrame
    validation: pd.DataFrame
    scoring: ResampledScore


class TrialRunner:
    """Runs trials on one snapshot's training and validation rows; it never sees the test rows."""

    def __init__(self, train: pd.DataFrame, spec: ModelSpec, seed: int) -> None:
        self.train, self.spec, self.cache, self.seed = train, spec, ExampleCache(), seed
        self.folds: dict[int, Fold] = {}
        self.fold(spec.recipe.seed)

    def fold(self, seed: int) -> Fold:
        """Fold of a recipe's seed: the declared validation rows for the declared seed.

        Each later seed holds out another tenth, so that recipes are not chosen twice by the same rows.
        """
        number = (seed - self.spec.recipe.seed) % FOLDS
        if number not in self.folds:
            self.folds[number] = _fold(self.train, number, self.spec, self.seed)
        return self.folds[number]

    def run(self, backbone: Backbone, recipe: Recipe, progress: ProgressCallback, seconds: float) -> Result:
        """Train and score one recipe within `seconds`. Raises OverBudget, Diverged, and errors of `progress`."""
        spec = self.spec.model_copy(update={"base_model": backbone.base, "recipe": recipe})
        allowed = min(seconds, recipe.budget.seconds or seconds)
        meter = Meter(recipe.budget.model_copy(update={"seconds": allowed}))
        fold = self.fold(recipe.seed)
        build, before = partial(self.cache.read, backbone, fold.number), self.cache.built_seconds
        trained = train_networks(fold.train, spec, None, progress, meter, build=build)
        cost = meter.cost()
        score, draws = fold.scoring.score(_decisions(trained, fold, spec, build))
        loss = trained.curve.loss
        return Result(
            score=score,
            draws=tuple(float(f"{value:.5f}") for value in draws),
            error=float(draws.std()),
            # Time of the recipe alone, whether its examples were cached or not: trials are compared by it.
            seconds=cost.seconds - (self.cache.built_seconds - before) + self.cache.cached_seconds,
            weights=trainable_parameters(trained.nets[0]),
            rows=trained.rows,
            cost=cost.figures(),
            loss=tuple(loss[:: max(1, len(loss) // POINTS)]),
            scores=tuple(trained.curve.score),
        )


def _fold(train: pd.DataFrame, number: int, spec: ModelSpec, seed: int) -> Fold:
    """The declared validation rows for number 0, else the `number`th tenth of all rows by their hash."""
    is_held_out = train["validation"]
    if number:
        is_held_out = train["key"].map(lambda key: int(bucket(key[8:]) * FOLDS) == number)
    marked = train.assign(validation=is_held_out)
    validation = marked[is_held_out]
    if validation["label"].nunique() < 2:
        raise NoValidationRows(
            f"{spec.name}: {len(validation)} validation rows have fewer than two labels; add more messages"
        )
    objective = find_kind(spec.kind).objective
    truth = objective.indicators(objective.encode(validation["label"].tolist(), spec.target), output_count(spec))
    return Fold(number, marked, validation, ResampledScore(truth, seed, objective.resampled_scores))


def _decisions(trained: TrainedNetworks, fold: Fold, spec: ModelSpec, build: ExampleBuilder) -> Indicators:
    objective = find_kind(spec.kind).objective
    logits = []
    for net in trained.nets:
        rows = build(fold.validation, net, trained.tokenizer, spec).rows
        with net.trainable_part():
            logits.append(torch.tensor(net.predict(rows)))
    combined = logits[0] if len(logits) == 1 else objective.mean(logits)
    return objective.decisions(combined)
