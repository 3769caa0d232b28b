"""Right and wrong labels, counted by label in each resample, and the F1 that they make."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """By label, `(resamples, labels)`: how many texts carry it, were answered with it, and both."""

    given: Values
    answered: Values
    hits: Values


def macro_f1(tally: Tally) -> Values:
    """Unweighted mean of F1 over the labels that occur as given or as answered, `(resamples,)`."""
    total = tally.given + tally.answered
    scores = np.divide(2 * tally.hits, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(scores.sum(1) / np.maximum((total > 0).sum(1), 1))


def micro_f1(tally: Tally) -> Values:
    """F1 over all labels of all texts together, `(resamples,)`."""
    total = (tally.given + tally.answered).sum(1)
    return np.asarray(np.divide(2 * tally.hits.sum(1), total, out=np.zeros_like(total), where=total > 0))


def weighed(weights: Values, truth: Values, decided: Values) -> Tally:
    """The tally of texts that weigh so, `(resamples, texts)`, by indicators of their labels, `(texts, labels)`."""
    return Tally(weights @ truth, weights @ decided, weights @ (truth * decided))
