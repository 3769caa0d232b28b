"""One trial: a test split is drawn, compared as any other, and judged by the gate and by the naive rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from pipelines.bench.gate.population import Change, Population, Sample, drawn
from pipelines.bench.gate.redrawn import Redrawn, resamples
from pipelines.bench.gate.saved import Codes
from pipelines.bench.gate.sound import simulated
from pipelines.catalog.spec import Gate
from pipelines.evaluation.bootstrap import Interval
from pipelines.kinds.classification.evaluation.label_comparison import compared
from pipelines.kinds.classification.evaluation.label_scores import Standing, Standings
from pipelines.promotion.decision import decide

NO_WORSE, BETTER, INTERVAL, NAIVE = "gate 'no worse'", "gate 'better'", "interval alone", "higher accuracy wins"
NOBODY = Standing(Interval(0, 0, 0), Interval(0, 0, 0))  # baselines: with a champion nothing is held against them


Judge = Callable[["Drawn", Gate], bool]


def _claiming(**changes: object) -> Judge:
    def judge(drawn: "Drawn", gate: Gate) -> bool:
        changed = gate.model_copy(update=changes)
        return decide(simulated(drawn.rows, drawn.found, changed), changed).promote

    return judge


def _naive(drawn: "Drawn", _gate: Gate) -> bool:
    champion = drawn.found.champion
    return bool(champion and drawn.found.challenger.accuracy.value > champion.accuracy.value)


JUDGES: Mapping[str, Judge] = {
    NO_WORSE: _claiming(claim="no worse"),
    BETTER: _claiming(claim="better"),
    # Tests that are never sure and any number of flips: what is left is the margin, and labels that are gone.
    INTERVAL: _claiming(claim="no worse", alpha=0.0, flips=1.0),
    NAIVE: _naive,
}


@dataclass(frozen=True)
class Drawn:
    """So many texts, and how everybody stands on them."""

    rows: int
    found: Standings


@dataclass(frozen=True)
class Chunk:
    """Some trials in a row of one scenario; each draws one of the changes, from a seed of its own."""

    of: Population
    gate: Gate
    changes: tuple[Change, ...]
    seeds: tuple[tuple[int, ...], ...]


Outcome = tuple[int, dict[str, bool]]  # which change it was, and who promoted


def outcomes(chunk: Chunk) -> list[Outcome]:
    """Who promoted, in each trial."""
    return [_outcome(chunk, np.random.default_rng(seed)) for seed in chunk.seeds]


def _outcome(chunk: Chunk, draw: np.random.Generator) -> Outcome:
    which = int(draw.integers(len(chunk.changes)))
    found = compare(chunk.of.labels, drawn(chunk.of, chunk.changes[which], draw))
    return which, {name: judge(found, chunk.gate) for name, judge in JUDGES.items()}


def compare(labels: tuple[str, ...], sample: Sample) -> Drawn:
    """Both contestants on a drawn test split."""
    names = np.array(labels, dtype=object)
    given, champion, challenger = (names[one].tolist() for one in (sample.given, sample.champion, sample.challenger))
    resampled = Redrawn(resamples(len(given), labels), given)
    found = Standings(
        labels=labels,
        challenger=_standing(sample.given, sample.challenger),
        champion=_standing(sample.given, sample.champion),
        majority=NOBODY,
        tfidf=NOBODY,
        against=compared(given, challenger, champion, resampled),
        lead=Interval(0, 0, 0),
        per_label=_per_label(labels, sample.given, sample.challenger),
        confusion=(),
        known=labels,
    )
    return Drawn(len(given), found)


def _standing(given: Codes, said: Codes) -> Standing:
    """Without intervals: floors are held against the figures themselves."""
    f1 = float(precision_recall_fscore_support(given, said, average="macro", zero_division=0.0)[2])
    hits = float((given == said).mean())
    return Standing(Interval(f1, f1, f1), Interval(hits, hits, hits))


def _per_label(labels: tuple[str, ...], given: Codes, said: Codes) -> dict[str, dict[str, float]]:
    present = np.union1d(given, said)
    columns = precision_recall_fscore_support(given, said, labels=present, zero_division=0.0)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    names = ("precision", "recall", "f1", "support")
    return {labels[code]: dict(zip(names, row, strict=True)) for code, row in zip(present, rows, strict=True)}
