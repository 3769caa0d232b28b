"""How measures of labels are told: what is bad, and how far a version is ahead."""

from collections.abc import Iterator, Mapping

from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.report import Weak

LEAST, WORST = 20, 3  # texts that a label needs before its F1 says something; how many labels are named


def weakest(labels: Mapping[str, tuple[float, float]], whole: float) -> Weak:
    """The labels with the lowest F1, under that of the `whole`, and those of too few texts; by label F1 and texts."""
    told = [(f1, label, texts) for label, (f1, texts) in labels.items() if texts >= LEAST]
    worst = [one for one in sorted(told)[:WORST] if one[0] < whole]
    few = [label for label, (_, texts) in labels.items() if texts < LEAST]
    return Weak([f"label {label}: F1 {f1:.3f} on {texts:.0f} texts" for f1, label, texts in worst], few)


def ahead(card: Scorecard, lead: Interval, gain: Interval | None) -> Iterator[str]:
    """On how many texts, and by how much macro-F1, it is over TF-IDF and the champion."""
    yield f"{card.rows:,} held-out texts; looks at this test split so far: {card.uses}"
    yield f"macro-F1 over TF-IDF: {lead}"
    if gain:
        yield f"macro-F1 over the champion: {gain}"
