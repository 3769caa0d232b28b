"""One figure of the evidence with the limit that the gate sets; tables and lists are attachments."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from operator import ge, gt, le
from typing import Any, Literal

Direction = Literal["at least", "at most", "surely at least", "surely above"]
_COMPARE: Mapping[Direction, Callable[[float, float], bool]] = {
    "at least": ge,
    "at most": le,
    "surely at least": ge,
    "surely above": gt,
}


@dataclass(frozen=True)
class Measure:
    """A figure under a stable dotted name, with a 95% interval where it has one, and the limit that the gate sets.

    Without a direction it only informs; with one and without a value it refuses: there is no evidence. `surely`
    compares the lower end of the interval with the limit. `gate` names the thresholds that it covers. If a `premise`
    fails, no other measure is valid. `wording` is the reason for people: `""` is none, None is a default sentence. The
    reason of a measure that `explains` is given with a refusal too.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    direction: Direction | None = None
    gate: tuple[str, ...] = ()
    premise: bool = False
    wording: str | None = None
    explains: bool = False

    @property
    def passes(self) -> bool:
        """True if the figure meets its limit; False for a value that is not a finite number."""
        if self.direction is None:
            return True
        value = self.low if self.direction.startswith("surely") else self.value
        if value is None or self.limit is None or not math.isfinite(value):
            return False
        return bool(_COMPARE[self.direction](value, self.limit))

    @property
    def reason(self) -> str:
        """The result as a sentence; empty if there is nothing to report. A refusal always has a reason."""
        if self.wording or self.direction is None or (self.wording == "" and self.passes):
            return self.wording or ""
        if self.value is None or self.limit is None:
            return missing_evidence(self.name)
        if self.direction == "at most":
            return "" if self.passes else f"{self.name} {self.value:.3f}, at most {self.limit:.3f} is allowed"
        return f"{self.name} {self.value:.3f} {'reaches' if self.passes else 'is under'} the floor {self.limit:.3f}"

    def table_row(self) -> dict[str, str]:
        """Return a row of the table that `needloop` prints."""
        figures = [f"{value:.3f}" for value in (self.value, self.low, self.high) if value is not None]
        limit = f"{self.direction} {self.limit:.3f}" if self.direction and self.limit is not None else ""
        return {"measure": self.name, "value, low, high": " ".join(figures), "asked": limit}

    def document(self) -> dict[str, Any]:
        """Return the measure as JSON; a value that is not a finite number is null."""
        unsaid = {"wording"} if self.explains else {"wording", "explains"}
        content = {name: _finite_or_none(value) for name, value in asdict(self).items() if name not in unsaid}
        return content | {"gate": list(self.gate), "held": self.passes, "reason": self.reason}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Measure":
        """Return the measure in a stored document, with its stored reason."""
        names = {field.name for field in fields(cls)}
        content = {name: value for name, value in document.items() if name in names}
        return cls(**(content | {"gate": tuple(document.get("gate", ())), "wording": document.get("reason")}))


@dataclass(frozen=True)
class Attachment:
    """A named value that is no single figure; reports that know the name show it, others ignore it."""

    name: str
    value: Any


def missing_evidence(subject: str) -> str:
    """Return the refusal for missing evidence."""
    return f"no evidence of {subject}; to evaluate again: needloop promote MODEL --version N"


def missing_measure(name: str, subject: str, *gate: str) -> Measure:
    """Return a measure without evidence: it refuses."""
    return Measure(name, None, direction="at least", gate=gate, wording=missing_evidence(subject))


def none_allowed(name: str, count: int, refusal: str, *gate: str) -> Measure:
    """Return a measure whose count must be 0; `refusal` is the reason otherwise."""
    return Measure(name, count, limit=0, direction="at most", gate=gate, wording=refusal if count else "")


def floor(name: str, value: float, limit: float, subject: str, *gate: str) -> Measure:
    """Return a measure that must be at least the limit; it has a reason in both cases."""
    outcome = "reaches" if value >= limit else "is under"
    finding = f"{subject} {value:.3f} {outcome} the floor {limit:.3f}"
    wording = finding if math.isfinite(value) else f"{subject} is {value}: no evidence"
    return Measure(name, value, limit=limit, direction="at least", gate=gate, wording=wording)


def ceiling(
    name: str, value: float, limit: float, subject: str, *gate: str, digits: str = ".1%", unit: str = ""
) -> Measure:
    """Return a measure that must be at most the limit; it has a reason only if it fails."""
    wording = "" if value <= limit else f"{subject} {value:{digits}}{unit}, at most {limit:{digits}}{unit} is allowed"
    return Measure(name, value, limit=limit, direction="at most", gate=gate, wording=wording)


def to_plain(value: Any) -> Any:
    """Convert dataclasses and tuples to dictionaries and lists for JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return to_plain(asdict(value))
    if isinstance(value, Mapping):
        return {name: to_plain(item) for name, item in value.items()}
    return [to_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _finite_or_none(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
