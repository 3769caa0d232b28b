"""What a model must beat to be worth its cost: the commonest label, chance, and TF-IDF with logistic regression."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.labelled.tfidf import LEAD, vectoriser

BLIND = 0.02  # of models that learnt nothing may reach it
DRAWS, MOST = 2000, 2000
Values = npt.NDArray[np.float64]


def majority(train_labels: Sequence[str], rows: int) -> list[str]:
    """The commonest label of the train snapshot, for every row."""
    return [Counter(train_labels).most_common(1)[0][0]] * rows


class Baseline:
    """Word TF-IDF with logistic regression, scikit-learn's defaults; bigrams were worse on both built-in models.

    Characters stand for words where a script has no spaces. `columns` are the labels in the order of probabilities.
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        with threadpool_limits(1):  # its steps are small: a second thread only waits for the first
            self._model = make_pipeline(vectoriser(texts), LogisticRegression(max_iter=1000)).fit(texts, labels)
        self.columns = tuple(map(str, self._model.classes_))

    def labels(self, texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text."""
        return [str(label) for label in self._model.predict(texts)]

    def probabilities(self, texts: Sequence[str]) -> Values:
        """`(texts, columns)`."""
        return np.asarray(self._model.predict_proba(texts))


def tfidf(train_texts: Sequence[str], train_labels: Sequence[str], texts: Sequence[str]) -> list[str]:
    """The baseline's labels for texts that it did not learn from."""
    return Baseline(train_texts, train_labels).labels(texts)


def preserved(
    texts: Sequence[str], cells: Sequence[str], before: Sequence[str], after: Sequence[str], _target: Labels
) -> npt.NDArray[np.bool_]:
    """Which changes leave what TF-IDF, learnt from `texts`, answers, and leave it `LEAD` times likelier than the next.

    The lead is a ratio, so that it means the same for three labels and for a hundred.
    """
    judge = Baseline(texts, cells)
    found = judge.probabilities(after)
    second, first = np.sort(found, axis=1)[:, -2:].T
    same = judge.probabilities(before).argmax(1) == found.argmax(1)
    sure: npt.NDArray[np.bool_] = same & (first >= LEAD * second)
    return sure


def blind(labels: Sequence[str], chance: float = BLIND) -> float:
    """The macro-F1, 0 to 1, that answers which know nothing reach on these labels, at most `chance` likely.

    They are the labels themselves in another order, which maximises the macro-F1 to be expected; of many labels some
    are taken, by lot.
    """
    draw = np.random.default_rng(0)
    given = np.unique(draw.permutation(np.asarray(labels))[:MOST], return_inverse=True)[1]
    right = draw.permuted(np.tile(given, (DRAWS, 1)), axis=1) == given
    recalls = right @ (np.eye(given.max() + 1) / np.bincount(given))[given]
    reached, seen = np.unique(recalls.mean(1).round(9), return_counts=True)
    rarely = reached[np.cumsum(seen[::-1])[::-1] <= chance * DRAWS]
    return float(rarely.min(initial=1.0))
