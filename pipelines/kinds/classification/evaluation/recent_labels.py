"""Recent feedback on single labels: beside right answers, macro-F1 and each label against the champion."""

from collections.abc import Iterator, Sequence

import pandas as pd

from pipelines.evaluation import recent_feedback
from pipelines.evaluation.case import Case
from pipelines.evaluation.customers import writers
from pipelines.evaluation.measure import Attachment, Measure
from pipelines.kinds.classification.evaluation.label_comparison import Comparison, compared
from pipelines.kinds.classification.evaluation.label_resamples import Resampled


def latest(case: Case) -> Iterator[Measure | Attachment]:
    """Both contestants on what was said last."""
    yield from recent_feedback.latest(case, _compared)


def _compared(case: Case, texts: pd.DataFrame, challenger: Sequence[str], champion: Sequence[str]) -> Comparison:
    given = texts["label"].tolist()
    resampled = Resampled(given, case.spec.target.names, writers(texts))
    return compared(given, challenger, champion, resampled)
