"""Recent feedback on one label per text: right answers, and macro-F1 and each label against the champion."""

from collections.abc import Iterator, Sequence

import pandas as pd

from pipelines.evaluation import recent_feedback
from pipelines.evaluation.case import Case
from pipelines.evaluation.customers import text_customers
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.kinds.classification.evaluation.label_comparison import Comparison, compare_contestants
from pipelines.kinds.classification.evaluation.label_resamples import Resampled


def measure_recent(case: Case) -> Iterator[Measure | Attachment]:
    """Score both contestants on recent feedback."""
    yield from recent_feedback.measure_recent(case, _compare_recent)


def _compare_recent(case: Case, texts: pd.DataFrame, challenger: Sequence[str], champion: Sequence[str]) -> Comparison:
    labels = texts["label"].tolist()
    resampled = Resampled(labels, case.spec.target.names, text_customers(texts))
    return compare_contestants(labels, challenger, champion, resampled)
