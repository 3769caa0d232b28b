"""The evidence of one decision, as whoever decides and whoever shows it reads it: measures, and what is attached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from pipelines.evaluation.measure import Attachment, Measure, plain

Value = TypeVar("Value")
GATE = "gate"  # the thresholds that the limits were set by, attached


@dataclass(frozen=True)
class Scorecard:
    """Measures of so many held-out texts in the order of their checks, and attached values by name.

    `uses` counts the looks at this test split so far, `evidence` has SHA-256 by address of what it was counted from.
    """

    rows: int
    measures: tuple[Measure, ...] = ()
    attachments: Mapping[str, Any] = field(default_factory=dict)
    uses: int = 0
    evidence: Mapping[str, str] = field(default_factory=dict)

    def measure(self, name: str) -> Measure | None:
        """The measure of that name."""
        return next((measure for measure in self.measures if measure.name == name), None)

    def attached(self, name: str, kind: type[Value]) -> Value | None:
        """What is attached under a name, as the type that it was made of; none where it is not there or was not shown.

        Raises ValidationError.
        """
        value = self.attachments.get(name)
        return None if value is None else TypeAdapter(kind).validate_python(value)

    @property
    def lost(self) -> Sequence[int]:
        """The places of the test texts that the champion had right and the challenger has wrong."""
        against = self.attachments.get("against") or {}
        places: Sequence[int] = against.get("lost", ())
        return places

    def figures(self) -> dict[str, float]:
        """The numbers MLflow keeps: every measure that was shown, with its interval."""
        figures: dict[str, float] = {}
        for measure in self.measures:
            ends = {"": measure.value, ".low": measure.low, ".high": measure.high}
            figures |= {f"{measure.name}{end}": float(value) for end, value in ends.items() if value is not None}
        return figures | {"test.uses": float(self.uses)}

    def document(self) -> dict[str, Any]:
        """As JSON, which is how it is kept and shown; attached values stand beside the measures by their names."""
        told = {"rows": self.rows, "uses": self.uses, "measures": [measure.document() for measure in self.measures]}
        return {**self.attachments, **told}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Scorecard":
        """The scorecard that was kept as a document, by this version or an older one, which kept no measures."""
        rest = {name: value for name, value in document.items() if name not in ("rows", "uses", "measures")}
        found = document["measures"] if "measures" in document else _older(document)
        return cls(document["rows"], tuple(map(Measure.of, found)), rest, document.get("uses", 0))


def gathered(rows: int, gate: BaseModel, found: Iterable[Measure | Attachment]) -> Scorecard:
    """The scorecard of what was found under a gate."""
    everything = list(found)
    measures = tuple(one for one in everything if isinstance(one, Measure))
    attachments = {one.name: plain(one.value) for one in everything if isinstance(one, Attachment)}
    return Scorecard(rows, measures, attachments | {GATE: gate.model_dump(mode="json")})


def _older(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The two figures that lists of versions show, from a scorecard of named fields."""
    return [{"name": f"test.{name}", **document["challenger"][name]} for name in ("macro_f1", "accuracy")]
