"""What trials are drawn from, and what is true of it: scores without the chance of a sample."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.bench.gate.saved import Codes, Saved
from pipelines.kinds.classification.evaluation.label_resamples import Score
from pipelines.kinds.labelled.label_counts import Tally

Chances = npt.NDArray[np.float64]
OWN = -1


@dataclass(frozen=True)
class Population:
    """Every text twice, with each of the two models as the champion once: neither contestant is better.

    All arrays have one place a row; `instead` is what the challenger would have said had it been wrong.
    """

    labels: tuple[str, ...]
    given: Codes
    champion: Codes
    challenger: Codes
    instead: Codes

    @property
    def texts(self) -> int:
        """Texts of the real test split, and of a trial."""
        return len(self.given) // 2


@dataclass(frozen=True)
class Change:
    """What becomes of the challenger, by the label a text carries; each is `(labels,)`.

    The chances that a right answer turns wrong and a wrong one right; `into` is what it turns into, OWN where each text
    has its own.
    """

    spoilt: Chances
    mended: Chances
    into: Codes


@dataclass(frozen=True)
class Sample:
    """One test split: what its texts carry and both contestants' answers."""

    given: Codes
    champion: Codes
    challenger: Codes


def population(found: Saved) -> Population:
    """Of the answers of two models."""
    turned = found.said[::-1].ravel()
    return Population(found.labels, np.tile(found.given, 2), found.said.ravel(), turned, found.instead[::-1].ravel())


def drawn(of: Population, change: Change, draw: np.random.Generator) -> Sample:
    """As many rows as there are texts, with replacement, and a change that strikes each by chance."""
    rows = draw.integers(0, len(of.given), of.texts)
    given, said, luck = of.given[rows], of.challenger[rows], draw.random(of.texts)
    spoilt = np.where(luck < change.spoilt[given], _wrong(of, change)[rows], given)
    mended = np.where(luck < change.mended[given], given, said)
    return Sample(given, of.champion[rows], np.where(said == given, spoilt, mended))


def gain(of: Population, change: Change, score: Score) -> float:
    """The true score of the changed challenger less the champion's: of the expected tallies, without chance."""
    changed, before = _challenger(of, change), _tally(of, of.champion, np.ones(len(of.given)))
    return float(score(changed)[0] - score(before)[0])


def _challenger(of: Population, change: Change) -> Tally:
    """Each answer counts by its chance: as it was, turned wrong or turned right."""
    right = of.challenger == of.given
    turned = np.where(right, change.spoilt[of.given], change.mended[of.given])
    other = np.where(right, _wrong(of, change), of.given)
    kept, new = _tally(of, of.challenger, 1 - turned), _tally(of, other, turned)
    return Tally(kept.given + new.given, kept.answered + new.answered, kept.hits + new.hits)


def _tally(of: Population, said: Codes, weights: Chances) -> Tally:
    def summed(codes: Codes, found: Chances) -> Chances:
        return np.bincount(codes, found, minlength=len(of.labels)).astype(np.float64)[None]

    return Tally(summed(of.given, weights), summed(said, weights), summed(of.given, weights * (said == of.given)))


def _wrong(of: Population, change: Change) -> Codes:
    into = change.into[of.given]
    return np.where(into == OWN, of.instead, into)
