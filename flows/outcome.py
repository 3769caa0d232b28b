"""What one cycle of one model came to."""

from dataclasses import dataclass

from pipelines.evaluation.scorecard import Scorecard
from pipelines.registry.version import ModelVersion


@dataclass(frozen=True)
class Outcome:
    """A version and its decision; without a version the cycle was skipped, and `reason` says why."""

    model: str
    verdict: str
    reason: str
    seconds: float
    version: ModelVersion | None = None
    card: Scorecard | None = None
    reused: bool = False
