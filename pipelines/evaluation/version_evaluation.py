"""Evaluation of one version: all evidence for its promotion, from a service as it would run in production."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.case import CHALLENGER, Case, MeasureFunction, score_case
from pipelines.evaluation.isolated_service import IsolatedService
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import find_kind
from pipelines.store.labelled_feedback import LabelledText


@dataclass(frozen=True)
class EvaluationResult:
    """A scorecard and the tables behind it.

    `answers` has a row for each test text (key, label, and a column for each contestant); `tables` are files for people
    to check, by name.
    """

    card: Scorecard
    answers: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]


def evaluate_version(
    spec: ModelSpec,
    train: pd.DataFrame,
    test: pd.DataFrame,
    recent: Sequence[LabelledText],
    service: IsolatedService,
    cache: str,
    extra_measures: Iterable[MeasureFunction] = (),
) -> EvaluationResult:
    """Run all measures of the model's kind, and `extra_measures`, on the answers of the contestants.

    `recent` is held-out feedback. Every contestant answers test texts and recent texts, the challenger all others.
    """
    kind, case = find_kind(spec.kind), Case(spec, train, test, recent, service, cache)
    card = score_case(case, (*kind.measures, *extra_measures))
    cells = {role: answers.cells for role, answers in case.answers.items()}
    answered = test[["key", "label"]].assign(sure=case.answers[CHALLENGER].confidences.round(4), **cells)
    return EvaluationResult(card, answered, kind.report.tables(case))


def regressions(result: EvaluationResult, test: pd.DataFrame) -> pd.DataFrame:
    """Return the texts that the champion had right and the challenger has wrong (text, label, challenger)."""
    rows = result.answers.assign(text=test["text"].tolist()).iloc[list(result.card.regressions)]
    return rows[["text", "label", CHALLENGER]]
