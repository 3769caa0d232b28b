"""Recipes are tried here: learnt from the training rows, scored on the validation rows, nothing written."""

from dataclasses import dataclass
from functools import partial

import pandas as pd
import torch

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.splits import VALIDATION
from pipelines.ingestion.text import bucket
from pipelines.kinds.kind import Indicators
from pipelines.kinds.known import find
from pipelines.training.fine_tuning import Learnt, learnt
from pipelines.training.network.network import trainable_parameters
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.learning import Reader, outputs
from pipelines.training.optimisation.training_loop import Watch
from pipelines.tuning.example_cache import ExampleCache
from pipelines.tuning.resampled_score import ResampledScore
from pipelines.tuning.space import Backbone
from pipelines.tuning.trial import Result

POINTS = 200  # of a loss curve are kept
FOLDS = round(1 / VALIDATION)


class NothingToJudge(ValueError):
    """A snapshot without validation rows of two labels."""


@dataclass(frozen=True)
class Fold:
    """Training rows with those marked that are held out, the latter alone, and how answers to them are scored."""

    number: int
    train: pd.DataFrame
    judged: pd.DataFrame
    scale: ResampledScore


class TrialRunner:
    """One snapshot's training and validation rows; the held-out test rows are not here, nor ever asked for."""

    def __init__(self, train: pd.DataFrame, spec: ModelSpec, seed: int) -> None:
        self.train, self.spec, self.shelf, self.seed = train, spec, ExampleCache(), seed
        self.folds: dict[int, Fold] = {}
        self.fold(spec.recipe.seed)

    def fold(self, seed: int) -> Fold:
        """What a recipe's seed learns from and is judged by: the declared validation rows at the declared seed.

        Each seed after it holds out another tenth, so that recipes are not chosen twice by the same rows.
        """
        number = (seed - self.spec.recipe.seed) % FOLDS
        if number not in self.folds:
            self.folds[number] = _fold(self.train, number, self.spec, self.seed)
        return self.folds[number]

    def run(self, backbone: Backbone, recipe: Recipe, watch: Watch, seconds: float) -> Result:
        """Learn and score one recipe within `seconds`. Raises OverBudget, Diverged, and what `watch` raises."""
        spec = self.spec.model_copy(update={"base": backbone.base, "recipe": recipe})
        allowed = min(seconds, recipe.budget.seconds or seconds)
        meter = Meter(recipe.budget.model_copy(update={"seconds": allowed}))
        fold = self.fold(recipe.seed)
        read, before = partial(self.shelf.read, backbone, fold.number), self.shelf.made
        found = learnt(fold.train, spec, None, watch, meter, read=read)
        cost = meter.spent()
        score, draws = fold.scale.score(_answers(found, fold, spec, read))
        loss = found.curve.loss
        return Result(
            score=score,
            draws=tuple(float(f"{draw:.5f}") for draw in draws),
            error=float(draws.std()),
            # What the recipe takes alone, whoever made the states it learns from: trials are compared by it.
            seconds=cost.seconds - (self.shelf.made - before) + self.shelf.worth,
            weights=trainable_parameters(found.nets[0]),
            rows=found.rows,
            cost=cost.figures(),
            loss=tuple(loss[:: max(1, len(loss) // POINTS)]),
            scores=tuple(found.curve.score),
        )


def _fold(train: pd.DataFrame, number: int, spec: ModelSpec, seed: int) -> Fold:
    """The declared validation rows, or the `number`th tenth of all rows by their hash."""
    held = train["validation"]
    if number:
        held = train["key"].map(lambda key: int(bucket(key[8:]) * FOLDS) == number)
    marked = train.assign(validation=held)
    judged = marked[held]
    if judged["label"].nunique() < 2:
        raise NothingToJudge(
            f"{spec.name}: {len(judged)} validation rows hold fewer than two labels; bring more messages"
        )
    objective = find(spec.kind).objective
    truth = objective.indicators(objective.encode(judged["label"].tolist(), spec.target), outputs(spec))
    return Fold(number, marked, judged, ResampledScore(truth, seed, objective.scored))


def _answers(found: Learnt, fold: Fold, spec: ModelSpec, read: Reader) -> Indicators:
    objective = find(spec.kind).objective
    logits = []
    for net in found.nets:
        rows = read(fold.judged, net, found.tokenizer, spec).rows
        with net.learning():
            logits.append(torch.tensor(net.scored(rows)))
    answer = logits[0] if len(logits) == 1 else objective.mean(logits)
    return objective.decided(answer)
