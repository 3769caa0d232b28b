"""The input of every measure: a version, the champion, the train texts and the test texts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pandas as pd

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.isolated_service import IsolatedService
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.model_answers import Answers
from pipelines.evaluation.scorecard import Scorecard, build_scorecard
from pipelines.store.labelled_feedback import LabelledText

CHALLENGER, CHAMPION = "challenger", "champion"
Value = TypeVar("Value")


@dataclass(frozen=True)
class Case:
    """One version under evaluation; `recent` is feedback on texts that no model learns from.

    `train` and `test` are frames as ingestion writes them; `cache` is the only folder that metrics may write to.
    """

    spec: ModelSpec
    train: pd.DataFrame
    test: pd.DataFrame
    recent: Sequence[LabelledText]
    service: IsolatedService
    cache: str
    _shared: dict[Callable[["Case"], Any], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def gate(self) -> Gate:
        """The declared gate of the model."""
        return cast(Gate, self.spec.gate)

    @property
    def answers(self) -> Mapping[str, Answers]:
        """The answers of each contestant to the test texts, by its role."""
        return self.shared(_answers)

    def ask(self, texts: Sequence[str]) -> Answers:
        """Return the challenger's answers to the texts."""
        return self.service.ask(CHALLENGER, texts)

    def shared(self, make: Callable[["Case"], Value]) -> Value:
        """Return `make(self)`, computed once for all measures that need it."""
        if make not in self._shared:
            self._shared[make] = make(self)
        value: Value = self._shared[make]
        return value


MeasureFunction = Callable[[Case], Iterable[Measure | Attachment]]


def score_case(case: Case, functions: Iterable[MeasureFunction]) -> Scorecard:
    """Run the measure functions on a case and collect their results in a scorecard."""
    return build_scorecard(len(case.test), case.gate, (result for function in functions for result in function(case)))


def _answers(case: Case) -> Mapping[str, Answers]:
    texts = case.test["text"].tolist()
    return {role: case.service.ask(role, texts) for role in case.service.packages}
