"""Report lines on labels: the weakest ones, and the gain over TF-IDF and the champion."""

from collections.abc import Iterator, Mapping

from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.report import WeakAnswers
from pipelines.statistics.bootstrap import Interval

MIN_TEXTS, WORST = 20, 3  # texts that an F1 needs to mean anything; number of labels listed


def weakest_labels(labels: Mapping[str, tuple[float, float]], overall: float) -> WeakAnswers:
    """Return the labels with the lowest F1 under the `overall` one, and those with too few texts.

    `labels` has F1 and the number of texts by label.
    """
    scored = [(f1, label, texts) for label, (f1, texts) in labels.items() if texts >= MIN_TEXTS]
    worst = [row for row in sorted(scored)[:WORST] if row[0] < overall]
    few = [label for label, (_, texts) in labels.items() if texts < MIN_TEXTS]
    return WeakAnswers([f"label {label}: F1 {f1:.3f} on {texts:.0f} texts" for f1, label, texts in worst], few)


def gain_lines(card: Scorecard, lead: Interval, gain: Interval | None) -> Iterator[str]:
    """Yield the number of texts, and the gain in macro-F1 over TF-IDF (`lead`) and the champion (`gain`)."""
    yield f"{card.rows:,} held-out texts; looks at this test split so far: {card.test_set_evaluations}"
    yield f"macro-F1 over TF-IDF: {lead}"
    if gain:
        yield f"macro-F1 over the champion: {gain}"
