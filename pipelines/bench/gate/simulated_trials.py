"""One trial: a drawn test split, compared like any other, judged by the gate and by the naive rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from pipelines.bench.gate.population import Change, Population, Sample, draw_sample
from pipelines.bench.gate.redrawn import SharedResamples, resamples
from pipelines.bench.gate.saved import Codes
from pipelines.bench.gate.sound import simulated_scorecard
from pipelines.catalog.gate import Gate
from pipelines.kinds.classification.evaluation.label_comparison import compare_contestants
from pipelines.kinds.classification.evaluation.label_scores import Scores, ScoreTable
from pipelines.promotion.decision import decide
from pipelines.statistics.bootstrap import Interval

NO_WORSE, BETTER, INTERVAL, NAIVE = "gate 'no worse'", "gate 'better'", "interval alone", "higher accuracy wins"
NO_BASELINE = Scores(Interval(0, 0, 0), Interval(0, 0, 0))  # with a champion, baselines are not compared


Judge = Callable[["DrawnTrial", Gate], bool]


def _gate_judge(**changes: object) -> Judge:
    def judge(drawn: "DrawnTrial", gate: Gate) -> bool:
        changed = gate.model_copy(update=changes)
        return decide(simulated_scorecard(drawn.rows, drawn.scores, changed), changed).promote

    return judge


def _naive(drawn: "DrawnTrial", _gate: Gate) -> bool:
    champion = drawn.scores.champion
    return bool(champion and drawn.scores.challenger.accuracy.value > champion.accuracy.value)


JUDGES: Mapping[str, Judge] = {
    NO_WORSE: _gate_judge(hypothesis="non-inferior"),
    BETTER: _gate_judge(hypothesis="superior"),
    # No significance tests and any number of regressions: only the margin and forgotten labels remain.
    INTERVAL: _gate_judge(hypothesis="non-inferior", alpha=0.0, max_regressions=1.0),
    NAIVE: _naive,
}


@dataclass(frozen=True)
class DrawnTrial:
    """The number of texts and the scores of both contestants."""

    rows: int
    scores: ScoreTable


@dataclass(frozen=True)
class Chunk:
    """Consecutive trials of one scenario; each draws one of the changes, with its own seed."""

    population: Population
    gate: Gate
    changes: tuple[Change, ...]
    seeds: tuple[tuple[int, ...], ...]


Outcome = tuple[int, dict[str, bool]]  # index of the change, and whether each judge promoted


def outcomes(chunk: Chunk) -> list[Outcome]:
    """The judges that promoted, in each trial."""
    return [_outcome(chunk, np.random.default_rng(seed)) for seed in chunk.seeds]


def _outcome(chunk: Chunk, draw: np.random.Generator) -> Outcome:
    index = int(draw.integers(len(chunk.changes)))
    trial = compare_on_sample(chunk.population.labels, draw_sample(chunk.population, chunk.changes[index], draw))
    return index, {name: judge(trial, chunk.gate) for name, judge in JUDGES.items()}


def compare_on_sample(labels: tuple[str, ...], sample: Sample) -> DrawnTrial:
    """The scores of both contestants on a drawn test split."""
    names = np.array(labels, dtype=object)
    references, champion, challenger = (
        names[codes].tolist() for codes in (sample.references, sample.champion, sample.challenger)
    )
    resampled = SharedResamples(resamples(len(references), labels), references)
    scores = ScoreTable(
        labels=labels,
        challenger=_scores(sample.references, sample.challenger),
        champion=_scores(sample.references, sample.champion),
        majority=NO_BASELINE,
        tfidf=NO_BASELINE,
        against=compare_contestants(references, challenger, champion, resampled),
        lead=Interval(0, 0, 0),
        per_label=_per_label(labels, sample.references, sample.challenger),
        confusion=(),
        known=labels,
    )
    return DrawnTrial(len(references), scores)


def _scores(references: Codes, answers: Codes) -> Scores:
    """Scores without intervals: floors are compared with the figures themselves."""
    f1 = float(precision_recall_fscore_support(references, answers, average="macro", zero_division=0.0)[2])
    hits = float((references == answers).mean())
    return Scores(Interval(f1, f1, f1), Interval(hits, hits, hits))


def _per_label(labels: tuple[str, ...], references: Codes, answers: Codes) -> dict[str, dict[str, float]]:
    present = np.union1d(references, answers)
    columns = precision_recall_fscore_support(references, answers, labels=present, zero_division=0.0)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    names = ("precision", "recall", "f1", "support")
    return {labels[code]: dict(zip(names, row, strict=True)) for code, row in zip(present, rows, strict=True)}
