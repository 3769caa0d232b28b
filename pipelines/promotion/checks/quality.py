"""How often a challenger is right: floors, labels, and TF-IDF where there is no champion."""

import math
from collections.abc import Iterator

from pipelines.catalog import Gate
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.significance import holm, p_below
from pipelines.promotion.checks.check import Check, at_least, missing


def holes(card: Scorecard) -> Iterator[Check]:
    """What a scorecard must be before anything in it counts: of texts, of the declared labels, of both contestants."""
    if card.rows < 1:
        yield missing("any test text")
    if set(card.known) != set(card.labels):
        known = ", ".join(card.known) or "no known labels"
        yield Check(False, f"it answers {known}; declared are {', '.join(card.labels)}: train again")
    if (card.champion is None) != (card.against is None):
        yield missing("how it stands against the champion")
    counts = [card.per_label[label][name] for label in card.per_label for name in ("recall", "support")]
    if not card.per_label or not all(map(math.isfinite, counts)):
        yield missing("how it does on each label")
    elif card.against and {label for label, _ in card.labelled()} - card.against.labels.keys():
        yield missing("how it stands against the champion on each label")


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
    """Recall of each label, with one wrong refusal in all at most `alpha` likely; a label without texts shows none."""
    if gate.recall > 0 and (absent := set(card.labels) - {label for label, _ in card.labelled()}):
        said = f"no test text of {', '.join(sorted(absent))}: bring more messages, or declare gate.recall = 0"
        return Check(False, said)
    counts = {label: (round(row["recall"] * row["support"]), round(row["support"])) for label, row in card.labelled()}
    chances = {label: p_below(right, texts, gate.recall) for label, (right, texts) in counts.items()}
    under = holm(chances, gate.alpha)
    said = ", ".join(f"{label} ({counts[label][0]} of {counts[label][1]})" for label in under)
    return Check(not under, f"recall under {gate.recall:.2f}: {said}" if under else "")
