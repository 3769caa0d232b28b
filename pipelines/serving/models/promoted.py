"""Served versions of the ledger: the current champions."""

from collections.abc import Mapping

from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions
from pipelines.serving.models.ledger_reader import LedgerReader
from pipelines.serving.models.served import ServedVersion, served_version


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
