"""One capability of a model, with its failures."""

from dataclasses import dataclass
from typing import Literal

OFF_TOPIC = "off-topic"  # its limit is `gate.min_oos_recall`
Kind = Literal["minimum functionality", "invariance", "direction"]


@dataclass(frozen=True)
class Capability:
    """Numbers of generated and of failed cases; `examples` of failures are masked texts."""

    name: str
    kind: Kind
    cases: int
    failed: int
    examples: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share of the cases that failed; 1 without cases, because there is no evidence."""
        return self.failed / self.cases if self.cases else 1.0
