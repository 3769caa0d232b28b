"""Data quality measures: leaked texts, and suspected label errors."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pipelines.evaluation.behaviour.cases import sample_rows
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.leakage import count_leaks, leakage_measure
from pipelines.evaluation.measure import Attachment, Measure, missing_measure
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.kinds.classification.evaluation import label_errors
from pipelines.kinds.labelled.label_probabilities import label_probabilities

MAX_TRAIN_ROWS = 3000  # train rows checked for label errors: five fits of TF-IDF on them take seconds


@dataclass(frozen=True)
class DataWarnings:
    """Numbers of train texts that are near-duplicates of test texts, and of suspected label errors."""

    leaks: int
    suspects: int


def measure_data(case: Case) -> Iterator[Measure | Attachment]:
    """Count leaks and suspected label errors in the stored snapshots."""
    warnings = DataWarnings(
        count_leaks(case.train["text"].tolist(), case.test["text"].tolist()), len(case.shared(suspected_label_errors))
    )
    yield Attachment("doubts", warnings)
    yield from data_measures(warnings)


def data_measures(warnings: DataWarnings | None) -> Iterator[Measure]:
    """Refuse leaks; suspected label errors only inform."""
    if warnings is None:
        yield missing_measure("doubts.leaks", "a split without leaks")
        return
    yield leakage_measure(warnings.leaks)
    yield Measure("doubts.suspects", warnings.suspects)


def suspected_label_errors(case: Case) -> pd.DataFrame:
    """Return suspected label errors, one row each (split, text, label, answer).

    The challenger checks the test labels, which it never saw; cross-validated TF-IDF checks the train labels.
    """
    own = sample_rows(case.train[case.train["origin"] == SOURCE], MAX_TRAIN_ROWS)
    cross_validated = label_errors.out_of_sample(own["text"].tolist(), own["label"].tolist())
    tables = []
    for split, rows, probabilities in (
        ("test", case.test, label_probabilities(case.answers[CHALLENGER])),
        ("train", own, cross_validated),
    ):
        indices = label_errors.suspected_errors(rows["label"].tolist(), probabilities)
        chosen = rows.iloc[indices][["text", "label"]]
        answers = [probabilities.likeliest[index] for index in indices]
        tables.append(chosen.assign(split=split, answer=answers))
    return pd.concat(tables, ignore_index=True)[["split", "text", "label", "answer"]]
