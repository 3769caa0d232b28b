"""The evidence of one decision: measures and attachments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from pipelines.evaluation.measure import Attachment, Measure, to_plain

Value = TypeVar("Value")
GATE = "gate"  # attachment: the thresholds that set the limits


@dataclass(frozen=True)
class Scorecard:
    """Measures of `rows` held-out texts in the order of their checks, and attached values by name.

    `test_set_evaluations` counts the evaluations on this test split so far; `evidence` has the SHA-256 of each evidence
    file, by address.
    """

    rows: int
    measures: tuple[Measure, ...] = ()
    attachments: Mapping[str, Any] = field(default_factory=dict)
    test_set_evaluations: int = 0
    evidence: Mapping[str, str] = field(default_factory=dict)

    def measure(self, name: str) -> Measure | None:
        """Return the measure of that name, or None."""
        return next((measure for measure in self.measures if measure.name == name), None)

    def read_attachment(self, name: str, kind: type[Value]) -> Value | None:
        """Return the attachment of that name as an instance of `kind`; None if it is absent or null.

        Raises ValidationError.
        """
        value = self.attachments.get(name)
        return None if value is None else TypeAdapter(kind).validate_python(value)

    @property
    def regressions(self) -> Sequence[int]:
        """The positions of the test texts that the champion had right and the challenger has wrong."""
        comparison = self.attachments.get("against") or {}
        positions: Sequence[int] = comparison.get("lost", ())
        return positions

    def figures(self) -> dict[str, float]:
        """Return the metrics for MLflow: every measure that has a value, with its interval."""
        figures: dict[str, float] = {}
        for measure in self.measures:
            ends = {"": measure.value, ".low": measure.low, ".high": measure.high}
            figures |= {f"{measure.name}{end}": float(value) for end, value in ends.items() if value is not None}
        return figures | {"test.uses": float(self.test_set_evaluations)}

    def document(self) -> dict[str, Any]:
        """Return the scorecard as JSON for storage and display, with attachments beside the measures by name."""
        measures = [measure.document() for measure in self.measures]
        return {**self.attachments, "rows": self.rows, "uses": self.test_set_evaluations, "measures": measures}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Scorecard":
        """Return the scorecard in a stored document, also of an older release, which stored no measures."""
        rest = {name: value for name, value in document.items() if name not in ("rows", "uses", "measures")}
        measures = document["measures"] if "measures" in document else _measures_of_older(document)
        return cls(document["rows"], tuple(map(Measure.of, measures)), rest, document.get("uses", 0))


def build_scorecard(rows: int, gate: BaseModel, evidence: Iterable[Measure | Attachment]) -> Scorecard:
    """Collect measures and attachments, with the gate that set their limits, in a scorecard of `rows` texts."""
    items = list(evidence)
    measures = tuple(item for item in items if isinstance(item, Measure))
    attachments = {item.name: to_plain(item.value) for item in items if isinstance(item, Attachment)}
    return Scorecard(rows, measures, attachments | {GATE: gate.model_dump(mode="json")})


def _measures_of_older(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the two figures that lists of versions show, from a scorecard of named fields."""
    return [{"name": f"test.{name}", **document["challenger"][name]} for name in ("macro_f1", "accuracy")]
