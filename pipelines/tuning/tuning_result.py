"""Limits of a tuning, and its result."""

from dataclasses import dataclass

from pipelines.catalog.spec import ModelSpec
from pipelines.tuning.choice import Choice
from pipelines.tuning.trial import Trial


@dataclass(frozen=True)
class Plan:
    """Limits of a tuning: minutes and proposals in all, over every run that resumes it."""

    minutes: float = 20.0
    trials: int = 60
    seed: int = 0
    bases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tuning:
    """Trials of one snapshot and the choice; `declared` is the number of the declared recipe's trial."""

    model: str
    study: str
    snapshot: str
    plan: Plan
    spec: ModelSpec
    declared: int | None
    trials: tuple[Trial, ...]
    choice: Choice
    seconds: float

    @property
    def chosen(self) -> ModelSpec:
        """The declaration with the chosen base and recipe."""
        trial = next((trial for trial in self.trials if trial.number == self.choice.trial), None)
        return (
            self.spec.model_copy(update={"base_model": trial.backbone.base, "recipe": trial.recipe})
            if trial
            else self.spec
        )
