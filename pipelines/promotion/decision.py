"""The decision: a pure function of the evidence and the declared gate."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from pipelines.catalog.gate import Slice
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.measure import Measure, missing_evidence
from pipelines.evaluation.scorecard import GATE, Scorecard


@dataclass(frozen=True)
class Decision:
    """The verdict of the gate and its reasons, in sentences for people."""

    promote: bool
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons as one line."""
        return "; ".join(self.reasons)


def gate_digest(spec: ModelSpec) -> str:
    """SHA-256 of the gate, the slices and the behaviour cases; a refusal stays valid while it is unchanged."""
    cases = Path(spec.behaviour.cases) if spec.behaviour.cases else None
    parts = [spec.gate, *spec.slices, spec.behaviour]
    document = "".join(part.model_dump_json() for part in parts).encode()
    return hashlib.sha256(document + (cases.read_bytes() if cases and cases.exists() else b"")).hexdigest()


def decide(card: Scorecard, gate: BaseModel, declared: Sequence[Slice] = ()) -> Decision:
    """Promote only if every measure passes; a missing or non-finite threshold or figure refuses.

    The scorecard must have been measured against this gate, every threshold needs a measure that covers it, and every
    `declared` slice must be in the evidence.
    """
    if missing_limits := _missing_limits(gate):
        return Decision(False, tuple(f"the gate has no {name}: declare gate.{name}" for name in missing_limits))
    if card.attachments.get(GATE) != gate.model_dump(mode="json"):
        reason = "it was measured against another gate; to evaluate again: needloop promote MODEL --version N"
        return Decision(False, (reason,))
    measures = list(_required_measures(card, gate))
    measured = {measure.name for measure in card.measures}
    measures += [_unmeasured(f"the slice {part.name!r}") for part in declared if f"slice.{part.name}" not in measured]
    failures = tuple(measure.reason for measure in measures if not measure.passes)
    if not failures:
        return Decision(True, tuple(measure.reason for measure in measures if measure.reason))
    causes = tuple(measure.reason for measure in measures if measure.explains and measure.reason)
    return Decision(False, failures + causes)


def _required_measures(card: Scorecard, gate: BaseModel) -> Iterator[Measure]:
    if failed_premises := [measure for measure in card.measures if measure.premise and not measure.passes]:
        yield from failed_premises  # without its premises no other measure is valid
        return
    yield from card.measures
    covered = {name for measure in card.measures for name in measure.gate}
    for name, field in type(gate).model_fields.items():
        if {name, field.alias} & covered == set():  # measures name a threshold as stored documents do
            yield _unmeasured(f"gate.{name}")


def _unmeasured(name: str) -> Measure:
    return Measure(name, None, direction="at least", wording=missing_evidence(name))


def _missing_limits(gate: BaseModel) -> list[str]:
    """Names of the thresholds without a usable value; the declaration refuses them too."""
    return [
        limit for name, field in type(gate).model_fields.items() for limit in _missing_in(name, gate, field.annotation)
    ]


def _missing_in(name: str, gate: BaseModel, kind: Any) -> Iterator[str]:
    value = getattr(gate, name, None)
    if get_origin(kind) is dict:
        yield from (f"{name}.{key}" for key, number in (value or {}).items() if not _is_number(number))
    elif not (value in get_args(kind) if get_origin(kind) is Literal else _is_number(value)):
        yield name


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
