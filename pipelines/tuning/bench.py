"""Recipes are tried here: learnt from the training rows, scored on the validation rows, nothing written."""

from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from pipelines.catalog import ModelSpec
from pipelines.recipe import Recipe
from pipelines.training.cost import Meter
from pipelines.training.ensemble import mean_answer
from pipelines.training.fine_tuning import Learnt, learnt
from pipelines.training.learning import Reader
from pipelines.training.loop import Watch
from pipelines.training.network import learning_weights
from pipelines.tuning.scoring import Scale
from pipelines.tuning.shelf import Shelf
from pipelines.tuning.space import Backbone
from pipelines.tuning.trial import Result

POINTS = 200  # of a loss curve are kept


class NothingToJudge(ValueError):
    """A snapshot without validation rows of two labels."""


class Bench:
    """One snapshot's training and validation rows; the held-out test rows are not here, nor ever asked for."""

    def __init__(self, train: pd.DataFrame, spec: ModelSpec, seed: int) -> None:
        self.train, self.spec, self.shelf = train, spec, Shelf()
        self.validation = train[train["validation"]]
        if self.validation["label"].nunique() < 2:
            raise NothingToJudge(
                f"{spec.name}: {len(self.validation)} validation rows hold fewer than two labels; bring more messages"
            )
        references = np.array([spec.labels.index(label) for label in self.validation["label"]])
        self.scale = Scale(references, len(spec.labels), seed)

    def run(self, backbone: Backbone, recipe: Recipe, watch: Watch, seconds: float) -> Result:
        """Learn and score one recipe within `seconds`. Raises OverBudget, Diverged, and what `watch` raises."""
        spec = self.spec.model_copy(update={"base": backbone.base, "recipe": recipe})
        allowed = min(seconds, recipe.budget.seconds or seconds)
        meter = Meter(recipe.budget.model_copy(update={"seconds": allowed}))
        read, before = partial(self.shelf.read, backbone), self.shelf.made
        found = learnt(self.train, spec, None, watch, meter, read=read)
        cost = meter.spent()
        score, draws = self.scale.macro_f1(self._answers(found, spec, read))
        loss = found.curve.loss
        return Result(
            score=score,
            draws=tuple(float(f"{draw:.5f}") for draw in draws),
            error=float(draws.std()),
            # What the recipe takes alone, whoever made the states it learns from: trials are compared by it.
            seconds=cost.seconds - (self.shelf.made - before) + self.shelf.worth,
            weights=learning_weights(found.nets[0]),
            rows=found.rows,
            cost=cost.figures(),
            loss=tuple(loss[:: max(1, len(loss) // POINTS)]),
            scores=tuple(found.curve.score),
        )

    def _answers(self, found: Learnt, spec: ModelSpec, read: Reader) -> npt.NDArray[np.int64]:
        logits = []
        for net in found.nets:
            rows = read(self.validation, net, found.tokenizer, spec).rows
            with net.learning():
                logits.append(torch.tensor(net.scored(rows)))
        answer = logits[0] if len(logits) == 1 else mean_answer(logits)
        return np.asarray(answer.argmax(1).numpy())
