"""The input of every measure: a version and the champion, the texts it learnt from, the texts it is judged by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pandas as pd

from pipelines.catalog.spec import Gate, ModelSpec
from pipelines.evaluation.isolated_service import IsolatedService
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.evaluation.model_answers import Answers
from pipelines.evaluation.scorecard import Scorecard, gathered
from pipelines.store.labelled_feedback import LabelledText

CHALLENGER, CHAMPION = "challenger", "champion"
Value = TypeVar("Value")


@dataclass(frozen=True)
class Case:
    """One version before the bench; `recent` is feedback on texts that no model learns from.

    `train` and `test` are frames as ingestion writes them, `cache` is the only folder that metrics may write to.
    """

    spec: ModelSpec
    train: pd.DataFrame
    test: pd.DataFrame
    recent: Sequence[LabelledText]
    contest: IsolatedService
    cache: str
    _known: dict[Callable[["Case"], Any], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def gate(self) -> Gate:
        """The declared gate, of the kind whose measures ask."""
        return cast(Gate, self.spec.gate)

    @property
    def answers(self) -> Mapping[str, Answers]:
        """The answers of each contestant to the test texts, by its role."""
        return self.shared(_answers)

    def ask(self, texts: Sequence[str]) -> Answers:
        """What the challenger answers."""
        return self.contest.ask(CHALLENGER, texts)

    def shared(self, make: Callable[["Case"], Value]) -> Value:
        """What several measures need, made once."""
        if make not in self._known:
            self._known[make] = make(self)
        value: Value = self._known[make]
        return value


Measuring = Callable[[Case], Iterable[Measure | Attachment]]


def scored(case: Case, measuring: Iterable[Measuring]) -> Scorecard:
    """The scorecard of a case, by whatever is asked about it."""
    return gathered(len(case.test), case.gate, (found for measure in measuring for found in measure(case)))


def _answers(case: Case) -> Mapping[str, Answers]:
    texts = case.test["text"].tolist()
    return {who: case.contest.ask(who, texts) for who in case.contest.packages}
