"""The decision: a pure function of the evidence and the declared gate."""

import hashlib
import math
from dataclasses import dataclass

from pipelines.catalog import Gate
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.scorecard import Scorecard


@dataclass(frozen=True)
class Decision:
    """Whether to promote, and why, in sentences for people."""

    promote: bool
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons as one line."""
        return "; ".join(self.reasons)


def gate_digest(gate: Gate) -> str:
    """What a version was held against: a refusal counts only as long as the gate stays what it was."""
    return hashlib.sha256(gate.model_dump_json().encode()).hexdigest()


def decide(card: Scorecard, gate: Gate) -> Decision:
    """Promote only if every check holds: the floors always, then no worse than the champion or better than TF-IDF."""
    checks = [
        _floor("macro-F1", card.challenger.macro_f1.value, gate.macro_f1),
        _floor("accuracy", card.challenger.accuracy.value, gate.accuracy),
        _against_champion(card.difference, gate) if card.difference else _against_baseline(card, gate),
    ]
    refused = tuple(reason for held, reason in checks if not held)
    return Decision(not refused, refused or tuple(reason for _, reason in checks))


def _floor(name: str, value: float, floor: float) -> tuple[bool, str]:
    if not math.isfinite(value):
        return False, f"{name} is {value}: no evidence"
    held = value >= floor
    return held, f"{name} {value:.3f} {'reaches' if held else 'is under'} the floor {floor:.3f}"


def _against_champion(difference: Interval, gate: Gate) -> tuple[bool, str]:
    held = difference.low >= -gate.margin
    sure = "better than" if difference.low > 0 else "no worse than" if held else "not shown as good as"
    return (
        held,
        f"{sure} the champion: macro-F1 {difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]",
    )


def _against_baseline(card: Scorecard, gate: Gate) -> tuple[bool, str]:
    held = card.lead.value >= gate.lead
    return held, f"macro-F1 {card.lead.value:+.3f} over TF-IDF {'reaches' if held else 'is under'} {gate.lead:+.3f}"
