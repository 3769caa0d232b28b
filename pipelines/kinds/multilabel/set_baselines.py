"""What a model of several labels must beat: the commonest set, and TF-IDF with a logistic regression for each label."""

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
    """The commonest set of the train rows, for every row."""
    return target.matrix([Counter(cells).most_common(1)[0][0]] * rows)


def tfidf(texts: Sequence[str], truth: Sets, asked: Sequence[str]) -> Sets:
    """The labels of texts that it did not learn from; a label that all train rows have, or none, is answered so."""
    return np.asarray(_log_odds(texts, truth, asked) > 0)


def preserved(
    texts: Sequence[str], cells: Sequence[str], before: Sequence[str], after: Sequence[str], target: LabelSets
) -> npt.NDArray[np.bool_]:
    """Which changes leave the labels that TF-IDF, learnt from `texts`, answers, and leave it sure of each.

    Of every label by itself it must stay `LEAD` times likelier than the contrary that it is there, or that it is not.
    """
    odds = _log_odds(texts, target.matrix(cells), [*before, *after])
    was, now = odds[: len(before)], odds[len(before) :]
    return np.asarray((((was > 0) == (now > 0)) & (np.abs(now) >= np.log(LEAD))).all(1))


def _log_odds(texts: Sequence[str], truth: Sets, asked: Sequence[str]) -> npt.NDArray[np.float64]:
    """`(asked, labels)`, infinite for a label that all texts have, or none."""
    words = vectoriser(texts)
    known, new = words.fit_transform(texts), words.transform(asked)
    odds = np.where(truth[:1], np.inf, -np.inf).repeat(len(asked), 0)
    with threadpool_limits(1):
        for label in np.flatnonzero(truth.any(0) & ~truth.all(0)):
            odds[:, label] = LogisticRegression(max_iter=1000).fit(known, truth[:, label]).decision_function(new)
    return odds
