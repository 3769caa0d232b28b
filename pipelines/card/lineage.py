"""Everything that is known of one version, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.evaluation.scorecard import Scorecard
from pipelines.ledger import Entry, decided


@dataclass(frozen=True)
class Checked:
    """What the expectations found in a train snapshot; `page` leads from the card to the Data Docs, if it is there."""

    checks: int
    failed: tuple[str, ...]
    page: str = ""


@dataclass(frozen=True)
class Lineage:
    """Of one version: the ledger's entries about it, what MLflow kept of its run, what it was judged on.

    `parameters` and `figures` are MLflow's, as they were when it was trained; `flips` are text, label and answer of
    what the champion had right. What is none or empty is not there, and `faults` says why in sentences.
    """

    model: str
    version: int
    champion: int | None
    labels: tuple[str, ...] = ()
    run: str = ""
    snapshot: str = ""
    feedback: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    scorecard: Scorecard | None = None
    flips: tuple[tuple[str, str, str], ...] | None = None
    checked: Checked | None = None
    faults: tuple[str, ...] = ()

    @property
    def decision(self) -> Entry | None:
        """The last decision about it; none before it was judged."""
        found = decided(self.entries)
        return found[-1] if found else None
