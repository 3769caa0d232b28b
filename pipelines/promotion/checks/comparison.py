"""A challenger against the champion: over all, on single texts, on every label."""

import math
from collections.abc import Iterator

from pipelines.catalog import Gate
from pipelines.evaluation.comparison import Comparison
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.significance import Pairs, holm
from pipelines.promotion.checks.check import Check

KNOWN = 3  # texts of a label that the champion had right: fewer it may have had by chance


def against_champion(card: Scorecard, found: Comparison, gate: Gate) -> Iterator[Check]:
    """No worse over all, on no label and on few single texts."""
    yield _no_worse(found, gate)
    yield worse_on_texts(found.pairs, gate, "on single texts")
    yield _broken(found, gate)
    yield _fallen(card, found, gate)
    yield _forgotten(card, found)
    share = found.pairs.lost / card.rows if card.rows else math.nan
    yield Check(share <= gate.flips, f"{share:.1%} of the texts were right and are wrong now, {gate.flips:.1%} may")


def worse_on_texts(pairs: Pairs, gate: Gate, where: str) -> Check:
    """McNemar's exact test, one side."""
    worse = pairs.p_worse < gate.alpha
    said = f"worse than the champion {where}: {pairs.gained} gained, {pairs.lost} lost, p = {pairs.p_worse:.3f}"
    return Check(not worse, said if worse else "")


def _no_worse(found: Comparison, gate: Gate) -> Check:
    gain = found.macro_f1
    better = gain.low > 0
    held = better if gate.claim == "better" else gain.low >= -gate.margin
    sure = "better than" if better else "no worse than" if held else f"not shown {_wanted(gate)}"
    return Check(held, f"{sure} the champion: macro-F1 {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")


def _wanted(gate: Gate) -> str:
    return "better than" if gate.claim == "better" else "as good as"


def _broken(found: Comparison, gate: Gate) -> Check:
    """Labels that chance does not explain, with one wrong claim in all at most `alpha` likely."""
    broken = holm({label: pairs.p_worse for label, pairs in found.labels.items()}, gate.alpha)
    said = ", ".join(
        f"{label} ({found.labels[label].lost} lost, {found.labels[label].gained} gained)" for label in broken
    )
    return Check(not broken, f"worse than the champion on {said}" if broken else "")


def _fallen(card: Scorecard, found: Comparison, gate: Gate) -> Check:
    """Labels whose recall fell deep: each by itself, because of many labels one alone must stand out very far."""
    support = {label: round(row["support"]) for label, row in card.labelled()}
    fell = [
        f"{label} ({pairs.lost} lost, {pairs.gained} gained of {support[label]})"
        for label, pairs in found.labels.items()
        if pairs.p_worse < gate.alpha and pairs.lost - pairs.gained > gate.fall * support.get(label, math.inf)
    ]
    return Check(not fell, f"recall fell by more than {gate.fall:.0%} on {', '.join(fell)}" if fell else "")


def _forgotten(card: Scorecard, found: Comparison) -> Check:
    """Labels of a few texts, of which no test can be sure: none may be right no more where several were."""
    right = {label: round(row["recall"] * row["support"]) for label, row in card.labelled()}
    gone = [label for label, pairs in found.labels.items() if pairs.lost >= KNOWN and right.get(label) == 0]
    return Check(not gone, f"never right any more on {', '.join(gone)}" if gone else "")
