"""One capability of a model, and how often it failed."""

from dataclasses import dataclass
from typing import Literal

OFF_TOPIC = "off-topic"  # what tells scope: a gate asks for it by `scope`
Kind = Literal["minimum functionality", "invariance", "direction"]


@dataclass(frozen=True)
class Capability:
    """So many generated cases, so many failed; `examples` of failures are masked texts."""

    name: str
    kind: Kind
    cases: int
    failed: int
    examples: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share of the cases that failed; 1 without cases, because nothing was shown."""
        return self.failed / self.cases if self.cases else 1.0
