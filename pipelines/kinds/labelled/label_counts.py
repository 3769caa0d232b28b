"""Counts of true, predicted and right labels in each resample, and the F1 scores from them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """Numbers of texts with a label (`support`), answered with it (`predicted`), and both; `(resamples, labels)`."""

    support: Values
    predicted: Values
    hits: Values


def macro_f1(tally: Tally) -> Values:
    """Return the unweighted mean F1 of the labels that occur as true or as predicted labels, `(resamples,)`."""
    total = tally.support + tally.predicted
    scores = np.divide(2 * tally.hits, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(scores.sum(1) / np.maximum((total > 0).sum(1), 1))


def micro_f1(tally: Tally) -> Values:
    """Return F1 over all labels of all texts together, `(resamples,)`."""
    total = (tally.support + tally.predicted).sum(1)
    return np.asarray(np.divide(2 * tally.hits.sum(1), total, out=np.zeros_like(total), where=total > 0))


def weighted_tally(weights: Values, truth: Values, predicted: Values) -> Tally:
    """Return the tally with weights `(resamples, texts)`, from label indicators `(texts, labels)`."""
    return Tally(weights @ truth, weights @ predicted, weights @ (truth * predicted))
