"""How right sets of labels are: macro-F1, micro-F1, and the share of texts with exactly their labels."""

import numpy as np
import numpy.typing as npt

Sets = npt.NDArray[np.bool_]  # (texts, labels)


def set_scores(truth: Sets, answered: Sets) -> dict[str, float]:
    """Over the labels that occur: `macro_f1`, `micro_f1`, and `accuracy`, the share of texts that are right whole."""
    hits, total = (truth & answered).sum(0), truth.sum(0) + answered.sum(0)
    there = total > 0
    macro = float((2 * hits[there] / total[there]).mean()) if there.any() else 1.0
    micro = float(2 * hits.sum() / total.sum()) if there.any() else 1.0
    return {"macro_f1": macro, "micro_f1": micro, "accuracy": float((truth == answered).all(1).mean())}
