"""Means over seeds, with their intervals over the test texts."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.bench.runs import TrainedRun
from pipelines.bench.split import Split
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.labelled import label_counts
from pipelines.statistics.bootstrap import RESAMPLES, Interval

Values = npt.NDArray[np.float64]


def accuracy(results: Sequence[TrainedRun], split: Split) -> Interval:
    """Mean accuracy; percentile bootstrap over the test texts (Efron, 1979)."""
    labels = np.array(split.test.labels)
    hits = np.mean([np.array(result.answers) == labels for result in results], axis=0)
    draws = np.random.default_rng(0).multinomial(len(hits), np.full(len(hits), 1 / len(hits)), size=RESAMPLES)
    return _interval(float(hits.mean()), draws @ hits / len(hits))


def macro_f1(results: Sequence[TrainedRun], split: Split) -> Interval:
    """Mean macro-F1; all seeds are scored on the same resamples."""
    return macro_f1_of([result.answers for result in results], split)


def macro_f1_of(answers: Sequence[Sequence[str]], split: Split) -> Interval:
    """Mean macro-F1 of several lists of answers to the test texts."""
    resampled = Resampled(list(split.test.labels), split.labels)
    tallies = [resampled.tallies(predicted) for predicted in answers]
    observed = float(np.mean([label_counts.macro_f1(tally)[0] for tally, _ in tallies]))
    return _interval(observed, np.mean([label_counts.macro_f1(drawn) for _, drawn in tallies], axis=0))


def auroc(results: Sequence[TrainedRun], _split: Split) -> Interval:
    """Mean area under the ROC curve of out-of-scope detection; the interval spans the seeds."""
    return spread([result.auroc or 0.0 for result in results])


def seconds(results: Sequence[TrainedRun], _split: Split) -> Interval:
    """Mean seconds of training in total; the interval spans the seeds."""
    return spread([result.seconds for result in results])


def spread(values: Sequence[float]) -> Interval:
    """The mean, with minimum and maximum."""
    return Interval(float(np.mean(values)), min(values), max(values))


def per_seed_note(results: Sequence[TrainedRun], values: Sequence[float]) -> str:
    """The figure of each seed, as a note beside the mean."""
    if len(results) == 1:
        return f"seed {results[0].seed}"
    return f"seeds {', '.join(str(result.seed) for result in results)}: {', '.join(f'{value:.4g}' for value in values)}"


def _interval(value: float, draws: Values) -> Interval:
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(value, float(low), float(high))
