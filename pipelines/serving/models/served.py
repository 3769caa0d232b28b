"""Served versions: the champions of the ledger, or packages given on the command line."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from pipelines.catalog.gate import Gate
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import override_reason
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions
from pipelines.serving.models.ledger_reader import LedgerReader

DEFAULT_MAX_MISMATCH: float = Gate.model_fields["max_package_mismatch"].default


@dataclass(frozen=True)
class ServedVersion:
    """A version of a model with its package address; `since`: ISO 8601 time of its ledger entry.

    `max_mismatch`: share of the reference answers in which the package may differ; None if they are not checked, as
    for a version without a gate or promoted by an override. `key`: unique to the version.
    """

    model: str
    version: int
    since: str
    package: str
    digest: str
    key: str
    max_mismatch: float | None = None


def served_version(entry: Entry, declared: Mapping[str, float]) -> ServedVersion:
    """The version of a ledger entry; `declared`: the `max_mismatch` of each declared model."""
    checked = entry.event.subject.gate and not override_reason(entry.event)
    max_mismatch = declared.get(entry.model, DEFAULT_MAX_MISMATCH) if checked else None
    return ServedVersion(
        entry.model, entry.version, entry.time, entry.package, entry.digest, entry.hash(), max_mismatch
    )


class VersionSource(Protocol):
    """Source of the versions to be served."""

    @property
    def declared(self) -> Collection[str]:
        """The declared models."""

    def changed(self) -> bool:
        """True if the versions may differ from those read last."""

    def versions(self) -> Mapping[str, ServedVersion]:
        """The version to be served, by model. Raises the errors of UNREADABLE."""


class PromotedVersions:
    """The champions of a ledger; `declared`: for each model the share of reference answers in which it may differ."""

    def __init__(self, ledger: Ledger, declared: Mapping[str, float]) -> None:
        self.declared, self._reader = declared, LedgerReader(ledger)

    def changed(self) -> bool:
        """True if the ledger changed."""
        return self._reader.changed()

    def versions(self) -> Mapping[str, ServedVersion]:
        """Every champion, by model. Raises the errors of UNREADABLE."""
        champions = current_champions(self._reader.entries())
        return {model: served_version(entry, self.declared) for model, entry in champions.items()}
