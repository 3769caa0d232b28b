"""Baselines of several labels: the commonest set, and TF-IDF with a logistic regression for each label."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from pipelines.kinds.labelled.tfidf import LEAD, vectoriser
from pipelines.kinds.multilabel.set_metrics import Sets
from pipelines.kinds.multilabel.target import LabelSets


def commonest(cells: Sequence[str], rows: int, target: LabelSets) -> Sets:
    """Return the commonest set of the train rows for every row."""
    return target.matrix([Counter(cells).most_common(1)[0][0]] * rows)


def tfidf(texts: Sequence[str], truth: Sets, new_texts: Sequence[str]) -> Sets:
    """Return the labels of new texts; a label that all train rows have is always answered, and one of none never."""
    return np.asarray(_log_odds(texts, truth, new_texts) > 0)


def label_preserving(
    texts: Sequence[str], cells: Sequence[str], before: Sequence[str], after: Sequence[str], target: LabelSets
) -> npt.NDArray[np.bool_]:
    """Return True for each change that keeps the labels of TF-IDF, learnt from `texts`, with confidence.

    For every label the decision (present or absent) must be at least `LEAD` times as probable as its opposite.
    """
    odds = _log_odds(texts, target.matrix(cells), [*before, *after])
    odds_before, odds_after = odds[: len(before)], odds[len(before) :]
    return np.asarray((((odds_before > 0) == (odds_after > 0)) & (np.abs(odds_after) >= np.log(LEAD))).all(1))


def _log_odds(texts: Sequence[str], truth: Sets, new_texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the log odds, `(new_texts, labels)`; infinite for a label that all texts have, or none."""
    counter = vectoriser(texts)
    known, new = counter.fit_transform(texts), counter.transform(new_texts)
    odds = np.where(truth[:1], np.inf, -np.inf).repeat(len(new_texts), 0)
    with threadpool_limits(1):
        for label in np.flatnonzero(truth.any(0) & ~truth.all(0)):
            odds[:, label] = LogisticRegression(max_iter=1000).fit(known, truth[:, label]).decision_function(new)
    return odds
