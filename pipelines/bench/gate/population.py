"""The population that trials are drawn from, and its true scores, without sampling error."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.bench.gate.saved import Codes, SavedAnswers
from pipelines.kinds.classification.evaluation.label_resamples import Score
from pipelines.kinds.labelled.label_counts import Tally

Chances = npt.NDArray[np.float64]
OWN = -1


@dataclass(frozen=True)
class Population:
    """Every text twice, with each of the two models as the champion once: neither contestant is better.

    All arrays are `(rows,)`; `instead` is the challenger's answer if it were wrong.
    """

    labels: tuple[str, ...]
    references: Codes
    champion: Codes
    challenger: Codes
    instead: Codes

    @property
    def texts(self) -> int:
        """Number of texts of the real test split, and of a trial."""
        return len(self.references) // 2


@dataclass(frozen=True)
class Change:
    """A change of the challenger by the label of a text; each array is `(labels,)`.

    `error_chances` turn right answers wrong, `correction_chances` wrong ones right; `into` is the wrong answer, OWN for
    the text's own `instead`.
    """

    error_chances: Chances
    correction_chances: Chances
    into: Codes


@dataclass(frozen=True)
class Sample:
    """One test split: its labels and both contestants' answers."""

    references: Codes
    champion: Codes
    challenger: Codes


def make_population(saved: SavedAnswers) -> Population:
    """The population of the answers of two models."""
    swapped = saved.answers[::-1].ravel()
    return Population(
        saved.labels, np.tile(saved.references, 2), saved.answers.ravel(), swapped, saved.instead[::-1].ravel()
    )


def draw_sample(population: Population, change: Change, draw: np.random.Generator) -> Sample:
    """A sample of as many rows as there are texts, with replacement, with the change applied by chance."""
    rows = draw.integers(0, len(population.references), population.texts)
    references, answers, luck = population.references[rows], population.challenger[rows], draw.random(population.texts)
    with_errors = np.where(luck < change.error_chances[references], _wrong(population, change)[rows], references)
    corrected = np.where(luck < change.correction_chances[references], references, answers)
    return Sample(references, population.champion[rows], np.where(answers == references, with_errors, corrected))


def gain(population: Population, change: Change, score: Score) -> float:
    """The true score of the changed challenger less the champion's, from expected tallies."""
    changed, champion = (
        _challenger(population, change),
        _tally(population, population.champion, np.ones(len(population.references))),
    )
    return float(score(changed)[0] - score(champion)[0])


def _challenger(population: Population, change: Change) -> Tally:
    """The expected tally of the challenger: each answer weighted by its chance."""
    right = population.challenger == population.references
    changed = np.where(
        right, change.error_chances[population.references], change.correction_chances[population.references]
    )
    other = np.where(right, _wrong(population, change), population.references)
    unchanged, replaced = _tally(population, population.challenger, 1 - changed), _tally(population, other, changed)
    return Tally(
        unchanged.support + replaced.support, unchanged.predicted + replaced.predicted, unchanged.hits + replaced.hits
    )


def _tally(population: Population, answers: Codes, weights: Chances) -> Tally:
    def summed(codes: Codes, values: Chances) -> Chances:
        return np.bincount(codes, values, minlength=len(population.labels)).astype(np.float64)[None]

    return Tally(
        summed(population.references, weights),
        summed(answers, weights),
        summed(population.references, weights * (answers == population.references)),
    )


def _wrong(population: Population, change: Change) -> Codes:
    into = change.into[population.references]
    return np.where(into == OWN, population.instead, into)
