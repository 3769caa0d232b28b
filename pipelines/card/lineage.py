"""Everything that is known of one version, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import DEFAULT
from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import Ruling
from pipelines.ledger.queries import decided


@dataclass(frozen=True)
class Checked:
    """What the expectations found in a train snapshot.

    `page` is a link to their Data Docs from beside the home's own cards, `file` where that page lies in the home; both
    are empty where it is gone.
    """

    checks: int
    failed: tuple[str, ...]
    page: str = ""
    file: str = ""


@dataclass(frozen=True)
class Lineage:
    """Of one version: the ledger's entries about it, what MLflow kept of its run, what it was judged on.

    `parameters` and `figures` are MLflow's, as they were when it was trained; `flips` are text, label and answer of
    what the champion had right. What is none or empty is not there, and `faults` says why in sentences.
    """

    model: str
    version: int
    champion: int | None
    kind: str = DEFAULT
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

    def elsewhere(self) -> "Lineage":
        """The same for a card that is read outside the home: links that lead out of the card would be dead there."""
        return replace(self, checked=self.checked and replace(self.checked, page=""))

    @property
    def decision(self) -> Record[Ruling] | None:
        """The last decision about it; none before it was judged."""
        found = decided(self.entries)
        return found[-1] if found else None
