"""What the console works with beside the service: the home, the declarations, and the commands that it started."""

import logging
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from pipelines.catalog.spec import BrokenCatalog, Catalog, load
from pipelines.home.workspace import Workspace
from pipelines.ledger.entry import Entry
from pipelines.serving.console.background_commands import BackgroundCommands
from pipelines.serving.console.feedback_totals import Counts
from pipelines.serving.console.loop_schemas import Links
from pipelines.serving.console.next_retraining import Planning
from pipelines.serving.models.champions import Champions, NoChampion

log = logging.getLogger(__name__)


@dataclass
class ConsoleContext:
    """Of one application."""

    workspace: Workspace
    links: Links
    work: BackgroundCommands = field(init=False)
    counts: Counts = field(default_factory=Counts)
    planning: Planning = field(default_factory=Planning.of_environment)
    _read: tuple[int, Catalog] | None = None

    def __post_init__(self) -> None:
        self.work = BackgroundCommands(self.workspace.files.logs)

    def entries(self, model: str) -> list[Entry]:
        """What the ledger says of a model, in order. Raises BrokenLedger."""
        return [entry for entry in self.ledger() if entry.model == model]

    def ledger(self) -> list[Entry]:
        """What it says of every model, in order. Raises BrokenLedger."""
        return self.workspace.ledger.entries()

    def require_known(self, model: str, champions: Champions) -> None:
        """Declared, or named by the ledger, loaded or not. Raises NoChampion, or BrokenLedger where nobody can tell."""
        known = {*self.declared(), *champions.board.named}
        if model not in known and champions.board.read and not self.entries(model):
            raise NoChampion(f"no such model; choose from {', '.join(sorted(known))}")

    def declared(self) -> Catalog:
        """Every declaration, read again when the user's file has changed; none where it cannot be read."""
        file = self.workspace.catalog_file
        stamp = file.stat().st_mtime_ns if file.exists() else 0
        if self._read is None or self._read[0] != stamp:
            self._read = stamp, self._load()
        return self._read[1]

    def _load(self) -> Catalog:
        try:
            return load(self.workspace.catalog_file)
        except BrokenCatalog as error:
            log.error("the catalog is left out: %s", error)
            return {}


async def _of(request: Request) -> ConsoleContext:
    desk: ConsoleContext = request.app.state.desk
    return desk


AtDesk = Annotated[ConsoleContext, Depends(_of)]
