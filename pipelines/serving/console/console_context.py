"""The state of the console beside the service: the home, declarations, background commands, counts of feedback."""

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from pipelines.catalog.catalog_file import BrokenCatalog, Catalog, load
from pipelines.ledger.entry import Entry
from pipelines.serving.console.background_commands import BackgroundCommands
from pipelines.serving.console.loop_schemas import Links
from pipelines.serving.console.next_retraining import Schedules
from pipelines.serving.models.champions import Champions, NoChampion
from pipelines.workspace.workspace import Workspace

log = logging.getLogger(__name__)

QUICK_SECONDS = 1.0
# A slow count stays valid for this many times its own duration: counting then takes a twentieth of one core at most.
TIMES = 20

Total = TypeVar("Total")


class FeedbackTotals:
    """Counts by name; a count that takes longer than `QUICK_SECONDS` is cached, any other is made at every call."""

    def __init__(self) -> None:
        self._totals, self._lock = dict[Hashable, tuple[float, Any]](), Lock()  # by name: expiry, and the count

    def of(self, name: Hashable, count: Callable[[], Total]) -> Total:
        """The result of `count`, or a cached result of this name."""
        with self._lock:
            expires, cached = self._totals.get(name, (0.0, None))
            started = time.monotonic()
            if started >= expires:
                cached = count()
                seconds = time.monotonic() - started
                self._totals[name] = started + (TIMES * seconds if seconds > QUICK_SECONDS else 0), cached
            total: Total = cached
            return total


@dataclass
class ConsoleContext:
    """The console's state in one application."""

    workspace: Workspace
    links: Links
    commands: BackgroundCommands = field(init=False)
    totals: FeedbackTotals = field(default_factory=FeedbackTotals)
    schedules: Schedules = field(default_factory=Schedules.from_environment)
    _catalog: tuple[int, Catalog] | None = None  # the file's time of change in nanoseconds, and what it declared

    def __post_init__(self) -> None:
        self.commands = BackgroundCommands(self.workspace.files.logs)

    def entries(self, model: str) -> list[Entry]:
        """The ledger's entries about a model, in order. Raises BrokenLedger."""
        return [entry for entry in self.ledger() if entry.model == model]

    def ledger(self) -> list[Entry]:
        """The ledger's entries about all models, in order. Raises BrokenLedger."""
        return self.workspace.ledger.entries()

    def require_known(self, model: str, champions: Champions) -> None:
        """Check that a model is declared or named by the ledger, loaded or not. Raises NoChampion and BrokenLedger."""
        known = {*self.declared(), *champions.served.expected}
        if model not in known and champions.served.ledger_read and not self.entries(model):
            raise NoChampion(f"no such model; choose from {', '.join(sorted(known))}")

    def declared(self) -> Catalog:
        """Every declaration, read again when the user's file has changed; empty if it cannot be read."""
        file = self.workspace.catalog_file
        changed_at = file.stat().st_mtime_ns if file.exists() else 0
        if self._catalog is None or self._catalog[0] != changed_at:
            self._catalog = changed_at, self._load()
        return self._catalog[1]

    def _load(self) -> Catalog:
        try:
            return load(self.workspace.catalog_file)
        except BrokenCatalog as error:
            log.error("the catalog cannot be read, so the console shows no declared model: %s", error)
            return {}


async def _context(request: Request) -> ConsoleContext:
    context: ConsoleContext = request.app.state.console
    return context


ContextDependency = Annotated[ConsoleContext, Depends(_context)]
