"""One version before the bench: everything that its promotion is decided on, asked of the service it would run in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.case import CHALLENGER, Case, Measuring, scored
from pipelines.evaluation.isolated_service import IsolatedService
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import find
from pipelines.store.labelled_feedback import LabelledText


@dataclass(frozen=True)
class EvaluationResult:
    """A scorecard and what it was counted from, for people.

    `answers` has a row for each test text (key, label, and a column for each contestant), `tables` are files for people
    to look through, by name.
    """

    card: Scorecard
    answers: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]


def evaluate_version(
    spec: ModelSpec,
    train: pd.DataFrame,
    test: pd.DataFrame,
    lessons: Sequence[LabelledText],
    contest: IsolatedService,
    cache: str,
    measuring: Iterable[Measuring] = (),
) -> EvaluationResult:
    """Ask every contestant for the test texts and the `lessons` that are recent, and the challenger for the rest.

    What is measured is what the kind of the model asks, and `measuring` besides.
    """
    kind, case = find(spec.kind), Case(spec, train, test, lessons, contest, cache)
    card = scored(case, (*kind.measures, *measuring))
    cells = {who: answers.cells for who, answers in case.answers.items()}
    answered = test[["key", "label"]].assign(sure=case.answers[CHALLENGER].sure.round(4), **cells)
    return EvaluationResult(card, answered, kind.report.tables(case))


def flips(verdict: EvaluationResult, test: pd.DataFrame) -> pd.DataFrame:
    """The texts that the champion had right and the challenger has wrong (text, label, challenger)."""
    rows = verdict.answers.assign(text=test["text"].tolist()).iloc[list(verdict.card.lost)]
    return rows[["text", "label", CHALLENGER]]
