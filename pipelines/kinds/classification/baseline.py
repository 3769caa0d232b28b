"""Baselines of one label: the commonest label, chance, and TF-IDF with logistic regression."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.labelled.tfidf import LEAD, vectoriser

CHANCE = 0.02  # probability that a model without any knowledge reaches the macro-F1 of chance
DRAWS, MAX_LABELS = 2000, 2000
Values = npt.NDArray[np.float64]


def majority(train_labels: Sequence[str], rows: int) -> list[str]:
    """Return the commonest train label for every row."""
    return [Counter(train_labels).most_common(1)[0][0]] * rows


class TfidfBaseline:
    """TF-IDF on words with logistic regression, scikit-learn's defaults; bigrams were worse on both built-in models.

    A script without spaces uses characters instead of words. `columns` are the labels in the order of probabilities.
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        with threadpool_limits(1):  # its steps are small: a second thread only waits for the first
            self._model = make_pipeline(vectoriser(texts), LogisticRegression(max_iter=1000)).fit(texts, labels)
        self.columns = tuple(map(str, self._model.classes_))

    def labels(self, texts: Sequence[str]) -> list[str]:
        """Return the most probable label of each text."""
        return [str(label) for label in self._model.predict(texts)]

    def probabilities(self, texts: Sequence[str]) -> Values:
        """Return the label probabilities, `(texts, columns)`."""
        return np.asarray(self._model.predict_proba(texts))


def tfidf(train_texts: Sequence[str], train_labels: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Train the baseline and return its labels for other texts."""
    return TfidfBaseline(train_texts, train_labels).labels(texts)


def label_preserving(
    texts: Sequence[str], cells: Sequence[str], before: Sequence[str], after: Sequence[str], _target: Labels
) -> npt.NDArray[np.bool_]:
    """Return True for each change that keeps the answer of TF-IDF, learnt from `texts`, with a ratio of `LEAD` or more.

    The ratio of the two highest probabilities has the same meaning for three labels and for a hundred.
    """
    baseline = TfidfBaseline(texts, cells)
    probabilities = baseline.probabilities(after)
    second, first = np.sort(probabilities, axis=1)[:, -2:].T
    same = baseline.probabilities(before).argmax(1) == probabilities.argmax(1)
    preserved: npt.NDArray[np.bool_] = same & (first >= LEAD * second)
    return preserved


def chance_macro_f1(labels: Sequence[str], chance: float = CHANCE) -> float:
    """Return the macro-F1, 0 to 1, that random answers reach on these labels with a probability of at most `chance`.

    The answers are permutations of the labels, which maximise the expected macro-F1; of many labels a sample is taken.
    """
    draw = np.random.default_rng(0)
    truth = np.unique(draw.permutation(np.asarray(labels))[:MAX_LABELS], return_inverse=True)[1]
    right = draw.permuted(np.tile(truth, (DRAWS, 1)), axis=1) == truth
    recalls = right @ (np.eye(truth.max() + 1) / np.bincount(truth))[truth]
    scores, counts = np.unique(recalls.mean(1).round(9), return_counts=True)
    rare = scores[np.cumsum(counts[::-1])[::-1] <= chance * DRAWS]
    return float(rare.min(initial=1.0))
