"""How often a challenger is right: floors, labels, and TF-IDF where there is no champion."""

from collections.abc import Iterator

from pipelines.catalog import Gate
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.significance import holm, p_below
from pipelines.promotion.checks.check import Check, at_least


def floors(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """Absolute ones, over all and by label."""
    yield at_least("macro-F1", card.challenger.macro_f1.value, gate.macro_f1)
    yield at_least("accuracy", card.challenger.accuracy.value, gate.accuracy)
    yield _labels_under_the_floor(card, gate)


def over_the_baseline(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """What a first model must show."""
    held = card.lead.value >= gate.lead
    said = "reaches" if held else "is under"
    yield Check(held, f"macro-F1 {card.lead.value:+.3f} over TF-IDF {said} {gate.lead:+.3f}")
    better = card.challenger.accuracy.value >= card.majority.accuracy.value
    yield Check(better, "" if better else "no more accurate than always saying the commonest label")


def _labels_under_the_floor(card: Scorecard, gate: Gate) -> Check:
    """Recall of each label, with one wrong refusal in all at most `alpha` likely."""
    counts = {label: (round(row["recall"] * row["support"]), round(row["support"])) for label, row in card.labelled()}
    chances = {label: p_below(right, texts, gate.recall) for label, (right, texts) in counts.items()}
    under = holm(chances, gate.alpha)
    said = ", ".join(f"{label} ({counts[label][0]} of {counts[label][1]})" for label in under)
    return Check(not under, f"recall under {gate.recall:.2f}: {said}" if under else "")
