"""The decision: a pure function of the evidence and the declared gate."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.catalog import Gate
from pipelines.evaluation.comparison import Comparison
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.significance import holm, p_below


@dataclass(frozen=True)
class Decision:
    """Whether to promote, and why, in sentences for people."""

    promote: bool
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons as one line."""
        return "; ".join(self.reasons)


@dataclass(frozen=True)
class Check:
    """One demand of the gate: whether it held, and in words."""

    held: bool
    reason: str


def gate_digest(gate: Gate) -> str:
    """What a version was held against: a refusal counts only as long as the gate stays what it was."""
    return hashlib.sha256(gate.model_dump_json().encode()).hexdigest()


def decide(card: Scorecard, gate: Gate) -> Decision:
    """Promote only if every check holds; a threshold or a figure that is no number refuses.

    The floors always; then, against a champion, no worse over all, on no label and on few single texts; without one,
    better than TF-IDF.
    """
    if holes := _holes(gate):
        return Decision(False, tuple(f"the gate has no {name}: declare gate.{name}" for name in holes))
    checks = [
        _floor("macro-F1", card.challenger.macro_f1.value, gate.macro_f1),
        _floor("accuracy", card.challenger.accuracy.value, gate.accuracy),
        _labels_under_the_floor(card, gate),
        *(_against_champion(card.against, card.rows, gate) if card.against else _against_baseline(card, gate)),
    ]
    refused = tuple(check.reason for check in checks if not check.held)
    return Decision(not refused, refused or tuple(check.reason for check in checks if check.reason))


def _holes(gate: Gate) -> list[str]:
    """The thresholds that are no numbers; the declaration refuses them, and so does the decision."""
    named = {name: getattr(gate, name, None) for name in type(gate).model_fields}
    numbers = {name: value for name, value in named.items() if name != "claim"}
    return [name for name, value in numbers.items() if not isinstance(value, int | float) or not math.isfinite(value)]


def _floor(name: str, value: float, floor: float) -> Check:
    if not math.isfinite(value):
        return Check(False, f"{name} is {value}: no evidence")
    held = value >= floor
    return Check(held, f"{name} {value:.3f} {'reaches' if held else 'is under'} the floor {floor:.3f}")


def _labels_under_the_floor(card: Scorecard, gate: Gate) -> Check:
    """Recall of each label, with one wrong refusal in all at most `alpha` likely."""
    counts = {label: (round(row["recall"] * row["support"]), round(row["support"])) for label, row in card.labelled()}
    chances = {label: p_below(right, texts, gate.recall) for label, (right, texts) in counts.items()}
    under = holm(chances, gate.alpha)
    said = ", ".join(f"{label} ({counts[label][0]} of {counts[label][1]})" for label in under)
    return Check(not under, f"recall under {gate.recall:.2f}: {said}" if under else "")


def _against_champion(found: Comparison, rows: int, gate: Gate) -> Iterator[Check]:
    yield _no_worse(found, gate)
    worse = found.pairs.p_worse < gate.alpha
    yield Check(
        not worse,
        f"worse than the champion on single texts: {found.pairs.gained} gained, {found.pairs.lost} lost, "
        f"p = {found.pairs.p_worse:.3f}"
        if worse
        else "",
    )
    broken = holm({label: pairs.p_worse for label, pairs in found.labels.items()}, gate.alpha)
    said = ", ".join(
        f"{label} ({found.labels[label].lost} lost, {found.labels[label].gained} gained)" for label in broken
    )
    yield Check(not broken, f"worse than the champion on {said}" if broken else "")
    share = found.pairs.lost / rows if rows else math.nan
    yield Check(share <= gate.flips, f"{share:.1%} of the texts were right and are wrong now, {gate.flips:.1%} may")


def _no_worse(found: Comparison, gate: Gate) -> Check:
    gain = found.macro_f1
    better = gain.low > 0
    held = better if gate.claim == "better" else gain.low >= -gate.margin
    sure = "better than" if better else "no worse than" if held else f"not shown {_wanted(gate)}"
    return Check(held, f"{sure} the champion: macro-F1 {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")


def _wanted(gate: Gate) -> str:
    return "better than" if gate.claim == "better" else "as good as"


def _against_baseline(card: Scorecard, gate: Gate) -> Iterator[Check]:
    held = card.lead.value >= gate.lead
    said = "reaches" if held else "is under"
    yield Check(held, f"macro-F1 {card.lead.value:+.3f} over TF-IDF {said} {gate.lead:+.3f}")
