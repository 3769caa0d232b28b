"""What one trial was and came to: values that the record, the tables and the choice are made from."""

from dataclasses import dataclass
from typing import Any, Literal

from pipelines.catalog.recipe import Recipe
from pipelines.tuning.space import Backbone

End = Literal["finished", "stopped early", "diverged", "over budget", "refused", "killed"]


@dataclass(frozen=True)
class Result:
    """What was measured: the score on validation rows, the same on resampled rows, and what it took.

    `seconds` is what learning this recipe alone takes; `loss` and `scores` are the curve, `(step, value)`.
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
    """One recipe on one backbone, and why it was tried.

    `first`: the declared recipe on the space's backbone of that index, 0 for the declared one; `repeats`: the number of
    the trial that this repeats with another seed; `again`: of the trial that was killed. None of them: a proposal.
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
        """What differs from the declared recipe, by name."""
        ours, theirs = self.recipe.model_dump(mode="json"), declared.model_dump(mode="json")
        return {name: value for name, value in ours.items() if value != theirs[name]}
