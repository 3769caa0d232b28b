"""All recorded facts about one version, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipelines.evaluation.scorecard import Scorecard
from pipelines.kinds.known import DEFAULT
from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import DecisionEvent
from pipelines.ledger.queries import decisions


@dataclass(frozen=True)
class DataChecks:
    """The results of the expectations for a train snapshot.

    `page` is a link to their Data Docs from the folder of this home's cards, `file` the path of that page if it lies in
    the home; both are empty if the page is missing.
    """

    checks: int
    failed: tuple[str, ...]
    page: str = ""
    file: str = ""


@dataclass(frozen=True)
class Lineage:
    """The ledger entries of one version, its run in MLflow and its evidence.

    `parameters` and `figures` are MLflow's, as of the training; `flips` are text, label and answer of its regressions.
    Missing parts are None or empty, and `faults` has the reasons in sentences.
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
    checked: DataChecks | None = None
    faults: tuple[str, ...] = ()

    def without_home_links(self) -> "Lineage":
        """A copy for a card that is read outside the home, without links to files of the home."""
        return replace(self, checked=self.checked and replace(self.checked, page=""))

    @property
    def decision(self) -> EventEntry[DecisionEvent] | None:
        """The last decision about the version; None before the first."""
        rulings = decisions(self.entries)
        return rulings[-1] if rulings else None
