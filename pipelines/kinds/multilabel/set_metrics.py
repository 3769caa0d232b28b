"""Metrics of label sets: macro-F1, micro-F1, and exact-set accuracy."""

import numpy as np
import numpy.typing as npt

Sets = npt.NDArray[np.bool_]  # (texts, labels)


def set_scores(truth: Sets, predicted: Sets) -> dict[str, float]:
    """Return `macro_f1` and `micro_f1` over the labels that occur, and `accuracy`, the share of exact sets."""
    hits, total = (truth & predicted).sum(0), truth.sum(0) + predicted.sum(0)
    occurring = total > 0
    macro = float((2 * hits[occurring] / total[occurring]).mean()) if occurring.any() else 1.0
    micro = float(2 * hits.sum() / total.sum()) if occurring.any() else 1.0
    return {"macro_f1": macro, "micro_f1": micro, "accuracy": float((truth == predicted).all(1).mean())}
