"""Trial and result: values for the record, the tables and the choice."""

from dataclasses import dataclass
from typing import Any, Literal

from pipelines.catalog.recipe import Recipe
from pipelines.tuning.space import Backbone

End = Literal["finished", "stopped early", "diverged", "over budget", "refused", "killed"]


@dataclass(frozen=True)
class Result:
    """Measurements of a trial: the score on validation rows and on resampled rows, and its cost.

    `seconds` is the time of training this recipe alone; `loss` and `scores` are the curve, `(step, value)`.
    """

    score: float
    draws: tuple[float, ...]
    error: float
    seconds: float
    weights: int
    rows: int
    cost: dict[str, float]
    loss: tuple[tuple[int, float], ...]
    scores: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Trial:
    """One recipe on one backbone, and the reason for the trial.

    `first`: the declared recipe on the space's backbone of that index, 0 for the declared one; `repeats`: the number of
    the trial that this repeats with another seed; `again`: of the killed trial that it repeats. None of them: a
    proposal.
    """

    number: int
    backbone: Backbone
    recipe: Recipe
    end: End
    seconds: float
    note: str = ""
    first: int | None = None
    repeats: int | None = None
    again: int | None = None
    result: Result | None = None

    def changes(self, declared: Recipe) -> dict[str, Any]:
        """Fields that differ from the declared recipe, by name."""
        own, other = self.recipe.model_dump(mode="json"), declared.model_dump(mode="json")
        return {name: value for name, value in own.items() if value != other[name]}
