"""The champions that the ledger names."""

from collections.abc import Mapping

from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions
from pipelines.serving.models.ledger_reader import LedgerReader
from pipelines.serving.models.served import ServedVersion, served


class Promoted:
    """Follows a ledger; `declared` holds, by model, the share of recorded answers in which its package may differ."""

    def __init__(self, ledger: Ledger, declared: Mapping[str, float]) -> None:
        self.declared, self._following = declared, LedgerReader(ledger)

    def changed(self) -> bool:
        """Whether the ledger changed."""
        return self._following.changed()

    def versions(self) -> Mapping[str, ServedVersion]:
        """Every champion. Raises what is UNREADABLE."""
        champions = current_champions(self._following.entries())
        return {model: served(entry, self.declared) for model, entry in champions.items()}
