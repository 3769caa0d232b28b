"""The decision: a pure function of the evidence and the declared gate."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog import Gate, ModelSpec, Slice
from pipelines.evaluation.scorecard import Scorecard
from pipelines.promotion.checks import conduct, parts, quality, service
from pipelines.promotion.checks.check import Check, missing
from pipelines.promotion.checks.comparison import against_champion

ALWAYS = (
    quality.floors,
    service.agreement,
    service.burden,
    conduct.confidence,
    conduct.behaviour,
    conduct.fairness,
    conduct.harm,
    parts.slices,
    parts.recent,
    parts.doubts,
)


@dataclass(frozen=True)
class Decision:
    """Whether to promote, and why, in sentences for people."""

    promote: bool
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons as one line."""
        return "; ".join(self.reasons)


def gate_digest(spec: ModelSpec) -> str:
    """What a version was held against: a refusal counts only as long as all of it stays what it was."""
    cases = Path(spec.behaviour.cases) if spec.behaviour.cases else None
    asked = [spec.gate, *spec.slices, spec.behaviour]
    said = "".join(one.model_dump_json() for one in asked).encode()
    return hashlib.sha256(said + (cases.read_bytes() if cases and cases.exists() else b"")).hexdigest()


def decide(card: Scorecard, gate: Gate, declared: Sequence[Slice] = ()) -> Decision:
    """Promote only if every check holds; a threshold or a figure that is missing or no number refuses.

    Every `declared` slice must be in the evidence. Against a champion the challenger must be no worse; without one it
    must be better than trivial baselines.
    """
    if holes := _holes(gate):
        return Decision(False, tuple(f"the gate has no {name}: declare gate.{name}" for name in holes))
    lacking = [one.name for one in declared if one.name not in {found.name for found in card.slices or ()}]
    checks = [*_checks(card, gate), *(missing(f"the slice {name!r}") for name in lacking)]
    refused = tuple(check.reason for check in checks if not check.held)
    return Decision(not refused, refused or tuple(check.reason for check in checks if check.reason))


def _checks(card: Scorecard, gate: Gate) -> Iterator[Check]:
    if holes := list(quality.holes(card)):
        yield from holes  # nothing else can be counted on
        return
    for check in ALWAYS:
        yield from check(card, gate)
    if card.against:
        yield from against_champion(card, card.against, gate)
    else:
        yield from quality.over_the_baseline(card, gate)


def _holes(gate: Gate) -> list[str]:
    """The thresholds that are no numbers; the declaration refuses them, and so does the decision."""
    named = {name: getattr(gate, name, None) for name in type(gate).model_fields}
    own = named.pop("capabilities") or {}
    known = named.pop("claim") in ("no worse", "better")
    numbers = ({} if known else {"claim": None}) | named
    numbers |= {f"capabilities.{name}": value for name, value in own.items()}
    return [name for name, value in numbers.items() if not isinstance(value, int | float) or not math.isfinite(value)]
