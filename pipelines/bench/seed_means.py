"""Figures of several seeds as one: their mean, and the interval it was found in over the test texts."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.bench.runs import Run
from pipelines.bench.split import Split
from pipelines.evaluation.bootstrap import RESAMPLES, Interval
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.labelled import label_counts

Values = npt.NDArray[np.float64]


def accuracy(found: Sequence[Run], split: Split) -> Interval:
    """Mean accuracy; percentile bootstrap over the test texts (Efron, 1979)."""
    given = np.array(split.test.labels)
    hits = np.mean([np.array(one.answers) == given for one in found], axis=0)
    draws = np.random.default_rng(0).multinomial(len(hits), np.full(len(hits), 1 / len(hits)), size=RESAMPLES)
    return _interval(float(hits.mean()), draws @ hits / len(hits))


def macro_f1(found: Sequence[Run], split: Split) -> Interval:
    """Mean macro-F1; the seeds are scored on the same resamples."""
    return macro_f1_of([one.answers for one in found], split)


def macro_f1_of(answers: Sequence[Sequence[str]], split: Split) -> Interval:
    """Mean macro-F1 of several lists of answers to the test texts."""
    resampled = Resampled(list(split.test.labels), split.labels)
    tallies = [resampled.tallies(one) for one in answers]
    observed = float(np.mean([label_counts.macro_f1(found)[0] for found, _ in tallies]))
    return _interval(observed, np.mean([label_counts.macro_f1(drawn) for _, drawn in tallies], axis=0))


def auroc(found: Sequence[Run], _split: Split) -> Interval:
    """Mean area under the curve of telling texts inside from those outside; the interval spans the seeds."""
    return spread([one.auroc or 0.0 for one in found])


def seconds(found: Sequence[Run], _split: Split) -> Interval:
    """Mean seconds of training, all in; the interval spans the seeds."""
    return spread([one.seconds for one in found])


def spread(values: Sequence[float]) -> Interval:
    """The mean, between the least and the most."""
    return Interval(float(np.mean(values)), min(values), max(values))


def listed(found: Sequence[Run], values: Sequence[float]) -> str:
    """The figure of each seed, for the note beside a mean."""
    if len(found) == 1:
        return f"seed {found[0].seed}"
    return f"seeds {', '.join(str(one.seed) for one in found)}: {', '.join(f'{value:.4g}' for value in values)}"


def _interval(value: float, draws: Values) -> Interval:
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(value, float(low), float(high))
