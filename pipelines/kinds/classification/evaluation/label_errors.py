"""Labels that are probably wrong: confident learning (Northcutt, Jiang and Chuang, 2021)."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from pipelines.kinds.classification.label_baselines import Baseline
from pipelines.kinds.labelled.label_probabilities import Chances

Values = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


def suspects(labels: Sequence[str], found: Chances) -> list[int]:
    """Places of the suspected label errors, the most suspicious first: off the diagonal of the confident joint.

    `found` must come from a model that did not learn from these rows. Neither a label it does not know nor
    one that it finds likeliest all the same is a suspect.
    """
    columns = {label: number for number, label in enumerate(found.columns)}
    known = np.array([place for place, label in enumerate(labels) if label in columns], dtype=np.intp)
    if not len(known):
        return []
    given = np.array([columns[labels[place]] for place in known], dtype=np.intp)
    scores = np.asarray(found.scores[known])
    confident = np.where(scores >= _thresholds(scores, given), scores, -np.inf)
    likely, rows = confident.argmax(1), np.arange(len(known))
    margins = scores[rows, likely] - scores[rows, given]
    doubted = np.flatnonzero(np.isfinite(confident.max(1)) & (likely != given) & (margins > 0))
    return [int(place) for place in known[doubted[np.argsort(-margins[doubted], kind="stable")]]]


def _thresholds(scores: Values, given: Places) -> Values:
    """How sure of each label the model is on average where it is given; out of reach where it never is."""
    counts = np.bincount(given, minlength=scores.shape[1])
    own = np.bincount(given, weights=scores[np.arange(len(given)), given], minlength=scores.shape[1])
    return np.asarray(np.divide(own, counts, out=np.full(len(counts), np.inf), where=counts > 0))


def out_of_sample(texts: Sequence[str], labels: Sequence[str], folds: int = 5) -> Chances:
    """What TF-IDF answers to each text when it learnt from the other folds only.

    Labels of fewer rows than folds cannot be told so: their rows are answered with their own label, above suspicion.
    """
    columns = sorted(set(labels))
    given = np.array([columns.index(label) for label in labels], dtype=np.intp)
    counts = Counter(labels)
    told = np.array([place for place, label in enumerate(labels) if counts[label] >= folds], dtype=np.intp)
    scores = np.eye(len(columns))[given] if len(columns) else np.zeros((0, 0))
    if len(set(given[told])) > 1:
        scores[told] = _crossed(np.array(texts, dtype=object)[told], given[told], columns, folds)
    return Chances(scores, tuple(columns))


def _crossed(texts: npt.NDArray[np.object_], given: Places, columns: Sequence[str], folds: int) -> Values:
    scores = np.zeros((len(texts), len(columns)))
    for learnt, held_out in StratifiedKFold(folds, shuffle=True, random_state=0).split(texts, given):
        baseline = Baseline(texts[learnt].tolist(), [columns[place] for place in given[learnt]])
        places = [columns.index(label) for label in baseline.columns]
        scores[np.ix_(held_out, places)] = baseline.probabilities(texts[held_out].tolist())
    return scores
