"""The decision: a pure function of the evidence and the declared gate."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from pipelines.catalog.spec import ModelSpec, Slice
from pipelines.evaluation.measure import Measure, missing
from pipelines.evaluation.scorecard import GATE, Scorecard


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


def decide(card: Scorecard, gate: BaseModel, declared: Sequence[Slice] = ()) -> Decision:
    """Promote only if every measure holds; a threshold or a figure that is missing or no number refuses.

    The limits must be those of this gate, every threshold of it must be answered by a measure, and every `declared`
    slice must be in the evidence.
    """
    if holes := _holes(gate):
        return Decision(False, tuple(f"the gate has no {name}: declare gate.{name}" for name in holes))
    if card.attachments.get(GATE) != gate.model_dump(mode="json"):
        return Decision(False, ("it was measured against another gate: judge the version again",))
    asked = list(_asked(card, gate))
    shown = {measure.name for measure in card.measures}
    asked += [_unanswered(f"the slice {one.name!r}") for one in declared if f"slice.{one.name}" not in shown]
    refused = tuple(measure.reason for measure in asked if not measure.held)
    return Decision(not refused, refused or tuple(measure.reason for measure in asked if measure.reason))


def _asked(card: Scorecard, gate: BaseModel) -> Iterator[Measure]:
    if broken := [measure for measure in card.measures if measure.premise and not measure.held]:
        yield from broken  # nothing else can be counted on
        return
    yield from card.measures
    answered = {name for measure in card.measures for name in measure.gate}
    yield from (_unanswered(f"gate.{name}") for name in type(gate).model_fields if name not in answered)


def _unanswered(what: str) -> Measure:
    return Measure(what, None, direction="at least", wording=missing(what))


def _holes(gate: BaseModel) -> list[str]:
    """The thresholds that say nothing; the declaration refuses them, and so does the decision."""
    return [hole for name, field in type(gate).model_fields.items() for hole in _holes_in(name, gate, field.annotation)]


def _holes_in(name: str, gate: BaseModel, kind: Any) -> Iterator[str]:
    value = getattr(gate, name, None)
    if get_origin(kind) is dict:
        yield from (f"{name}.{key}" for key, number in (value or {}).items() if not _is_number(number))
    elif not (value in get_args(kind) if get_origin(kind) is Literal else _is_number(value)):
        yield name


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
