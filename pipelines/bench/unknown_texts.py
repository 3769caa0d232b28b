"""Out-of-scope detection: scores of a network's outputs, compared by AUROC."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, softmax
from sklearn.metrics import roc_auc_score

from pipelines.bench.ours import TrainedModel
from pipelines.bench.split import Split

Values = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Outputs:
    """A network's logits, and the cosine similarity of each text to its nearest train text."""

    logits: Values
    likeness: Values

    @property
    def energy(self) -> Values:
        """The negative energy: higher for texts in scope (Liu et al., 2020)."""
        return np.asarray(logsumexp(self.logits, axis=1))


# Higher for texts in scope, relative to the validation texts in scope. Hendrycks and Gimpel (2017); Hendrycks et al.
# (2022); Liu et al. (2020); with the nearest neighbour of Sun et al. (2022), each standardised.
SCORES: dict[str, Callable[[Outputs, Outputs], Values]] = {
    "largest probability": lambda outputs, _: np.asarray(softmax(outputs.logits, axis=1).max(1)),
    "largest logit": lambda outputs, _: outputs.logits.max(1),
    "energy": lambda outputs, _: outputs.energy,
    "energy and nearest neighbour": lambda outputs, inside: (
        _standardise(outputs.energy, inside.energy) + _standardise(outputs.likeness, inside.likeness)
    ),
}


def detection_auroc(trained: TrainedModel, split: Split, test: Values) -> tuple[float, str]:
    """AUROC on test texts with logits `test`, by the score that was best on validation texts, and its name."""
    train = _unit(trained.embeddings(split.train.texts))
    inside, *outside = (_outputs(trained, texts, train) for texts in (split.validation.texts, *split.outside))
    best = max(SCORES, key=lambda name: auroc(inside, outside[0], inside, name))
    return auroc(_outputs(trained, split.test.texts, train, test), outside[1], inside, best), best


def auroc(within: Outputs, beyond: Outputs, inside: Outputs, name: str) -> float:
    """The chance that a text of `within` scores higher than one of `beyond`; `inside` are known texts in scope."""
    scores = np.concatenate([SCORES[name](outputs, inside) for outputs in (within, beyond)])
    return float(roc_auc_score(np.repeat([1, 0], [len(within.logits), len(beyond.logits)]), scores))


def _outputs(trained: TrainedModel, texts: Sequence[str], train: Values, logits: Values | None = None) -> Outputs:
    own_logits = trained.logits(texts) if logits is None else logits
    return Outputs(own_logits, (_unit(trained.embeddings(texts)) @ train.T).max(1))


def _unit(embeddings: Values) -> Values:
    return np.asarray(embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True))


def _standardise(values: Values, known: Values) -> Values:
    """Distance from the mean of known values, in their standard deviations."""
    return np.asarray((values - known.mean()) / known.std())
