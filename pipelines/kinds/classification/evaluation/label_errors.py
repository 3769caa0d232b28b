"""Suspected label errors: confident learning (Northcutt, Jiang and Chuang, 2021), by cleanlab."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from pipelines.kinds.classification.baseline import TfidfBaseline
from pipelines.kinds.labelled.label_probabilities import LabelProbabilities

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


def suspected_errors(labels: Sequence[str], probabilities: LabelProbabilities) -> list[int]:
    """Return the indices of suspected label errors, most suspicious first: off the diagonal of the confident joint.

    `probabilities` must come from a model that did not learn from these rows. Rows with a label that the model lacks
    are no suspects.
    """
    from cleanlab.filter import find_label_issues  # imports datasets

    columns = {label: number for number, label in enumerate(probabilities.columns)}
    known = np.array([index for index, label in enumerate(labels) if label in columns], dtype=np.intp)
    if not len(known) or len(columns) < 2:
        return []
    suspects = find_label_issues(
        np.array([columns[labels[index]] for index in known]),
        np.asarray(probabilities.scores[known]),
        filter_by="confident_learning",
        return_indices_ranked_by="normalized_margin",
        n_jobs=1,
    )
    return [int(index) for index in known[suspects]]


def out_of_sample(texts: Sequence[str], labels: Sequence[str], folds: int = 5) -> LabelProbabilities:
    """Return cross-validated label probabilities of TF-IDF.

    Labels with fewer rows than folds cannot be cross-validated: their rows get their own label, so are no suspects.
    """
    columns = sorted(set(labels))
    observed = np.array([columns.index(label) for label in labels], dtype=np.intp)
    counts = Counter(labels)
    checked = np.array([index for index, label in enumerate(labels) if counts[label] >= folds], dtype=np.intp)
    scores = np.eye(len(columns))[observed] if len(columns) else np.zeros((0, 0))
    if len(set(observed[checked])) > 1:
        scores[checked] = _cross_validate(np.array(texts, dtype=object)[checked], observed[checked], columns, folds)
    return LabelProbabilities(scores, tuple(columns))


def _cross_validate(texts: npt.NDArray[np.object_], observed: Indices, columns: Sequence[str], folds: int) -> Values:
    scores = np.zeros((len(texts), len(columns)))
    for learnt, held_out in StratifiedKFold(folds, shuffle=True, random_state=0).split(texts, observed):
        baseline = TfidfBaseline(texts[learnt].tolist(), [columns[index] for index in observed[learnt]])
        indices = [columns.index(label) for label in baseline.columns]
        scores[np.ix_(held_out, indices)] = baseline.probabilities(texts[held_out].tolist())
    return scores
