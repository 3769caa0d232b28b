"""One figure of the evidence, and what a gate asks of it; tables and lists that are no figure are attached."""

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

    Without a direction it only informs; with one it refuses where it has no value, because nothing was shown. `surely`
    holds the lower end of the interval against the limit. `gate` names the thresholds that it answers. Where a
    `premise` does not hold, nothing else can be counted on. `wording` is what people are told, empty where it is not
    worth any words; none leaves it to the figures.
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

    @property
    def held(self) -> bool:
        """Whether the gate is content with it; never so for what is not a number."""
        if self.direction is None:
            return True
        value = self.low if self.direction.startswith("surely") else self.value
        if value is None or self.limit is None or not math.isfinite(value):
            return False
        return bool(_COMPARE[self.direction](value, self.limit))

    @property
    def reason(self) -> str:
        """In words, how it stands; empty where there is nothing to say, which no refusal is."""
        if self.wording or self.direction is None or (self.wording == "" and self.held):
            return self.wording or ""
        if self.value is None or self.limit is None:
            return missing(self.name)
        if self.direction == "at most":
            return "" if self.held else f"{self.name} {self.value:.3f}, at most {self.limit:.3f} may"
        return f"{self.name} {self.value:.3f} {'reaches' if self.held else 'is under'} the floor {self.limit:.3f}"

    def shown(self) -> dict[str, str]:
        """A row of a table for people."""
        figures = [f"{value:.3f}" for value in (self.value, self.low, self.high) if value is not None]
        asked = f"{self.direction} {self.limit:.3f}" if self.direction and self.limit is not None else ""
        return {"measure": self.name, "value, low, high": " ".join(figures), "asked": asked}

    def document(self) -> dict[str, Any]:
        """As JSON: what is not a number is null."""
        told = {name: _finite(value) for name, value in asdict(self).items() if name != "wording"}
        return told | {"gate": list(self.gate), "held": self.held, "reason": self.reason}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Measure":
        """The measure that was kept as a document, with the words of then."""
        known = {one.name for one in fields(cls)}
        told = {name: value for name, value in document.items() if name in known}
        return cls(**(told | {"gate": tuple(document.get("gate", ())), "wording": document.get("reason")}))


@dataclass(frozen=True)
class Attachment:
    """What is no single figure: a value by name, shown by whoever knows it and ignored by the rest."""

    name: str
    value: Any


def missing(what: str) -> str:
    """What was not shown refuses."""
    return f"no evidence of {what}: judge the version again"


def unshown(name: str, what: str, *gate: str) -> Measure:
    """A measure for which there is no evidence."""
    return Measure(name, None, direction="at least", gate=gate, wording=missing(what))


def counted(name: str, count: int, refusal: str, *gate: str) -> Measure:
    """What must not occur at all; `refusal` says what did."""
    return Measure(name, count, limit=0, direction="at most", gate=gate, wording=refusal if count else "")


def floor(name: str, value: float, limit: float, what: str, *gate: str) -> Measure:
    """At least the limit, which is said either way."""
    reached = "reaches" if value >= limit else "is under"
    said = f"{what} {value:.3f} {reached} the floor {limit:.3f}"
    none = f"{what} is {value}: no evidence"
    wording = said if math.isfinite(value) else none
    return Measure(name, value, limit=limit, direction="at least", gate=gate, wording=wording)


def ceiling(name: str, value: float, limit: float, what: str, *gate: str, digits: str = ".1%") -> Measure:
    """At most the limit, which is said only where it does not hold."""
    wording = "" if value <= limit else f"{what} {value:{digits}}, at most {limit:{digits}} may"
    return Measure(name, value, limit=limit, direction="at most", gate=gate, wording=wording)


def plain(value: Any) -> Any:
    """Dictionaries, lists and single values, as JSON has them."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
