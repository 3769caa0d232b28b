"""Texts that belong to no label: how well what a network makes of them tells them apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, softmax
from sklearn.metrics import roc_auc_score

from pipelines.bench.ours import Trained
from pipelines.bench.split import Split

Values = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Seen:
    """What a network makes of texts: logits, and the cosine of each to the likest text that was learnt from."""

    logits: Values
    likeness: Values

    @property
    def energy(self) -> Values:
        """Its negative, as the paper has it: higher for texts inside (Liu and others, 2020)."""
        return np.asarray(logsumexp(self.logits, axis=1))


# Higher for texts inside, given what the validation texts inside look like. Hendrycks and Gimpel (2017); Hendrycks and
# others (2022); Liu and others (2020); with the nearest neighbour of Sun and others (2022), each in its own spread.
SCORES: dict[str, Callable[[Seen, Seen], Values]] = {
    "largest probability": lambda seen, _: np.asarray(softmax(seen.logits, axis=1).max(1)),
    "largest logit": lambda seen, _: seen.logits.max(1),
    "energy": lambda seen, _: seen.energy,
    "energy and nearest neighbour": lambda seen, inside: (
        _spread(seen.energy, inside.energy) + _spread(seen.likeness, inside.likeness)
    ),
}


def told(trained: Trained, split: Split, test: Values) -> tuple[float, str]:
    """AUROC on test texts, whose logits are `test`, by the score that was best on validation texts, and its name."""
    learnt = _unit(trained.embeddings(split.train.texts))
    inside, *beyond = (_seen(trained, texts, learnt) for texts in (split.validation.texts, *split.outside))
    chosen = max(SCORES, key=lambda name: auroc(inside, beyond[0], inside, name))
    return auroc(_seen(trained, split.test.texts, learnt, test), beyond[1], inside, chosen), chosen


def auroc(within: Seen, beyond: Seen, inside: Seen, name: str) -> float:
    """The chance that a text of `within` scores higher than one beyond, by what is known of texts `inside`."""
    scores = np.concatenate([SCORES[name](one, inside) for one in (within, beyond)])
    return float(roc_auc_score(np.repeat([1, 0], [len(within.logits), len(beyond.logits)]), scores))


def _seen(trained: Trained, texts: Sequence[str], learnt: Values, logits: Values | None = None) -> Seen:
    found = trained.logits(texts) if logits is None else logits
    return Seen(found, (_unit(trained.embeddings(texts)) @ learnt.T).max(1))


def _unit(embeddings: Values) -> Values:
    return np.asarray(embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True))


def _spread(values: Values, known: Values) -> Values:
    """In standard deviations from the mean of what is known."""
    return np.asarray((values - known.mean()) / known.std())
