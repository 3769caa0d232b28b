"""A home as one value: what a flow or a service opens at its edge and hands down instead of settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.home.paths import Files
from pipelines.ledger.ledger import Ledger

if TYPE_CHECKING:  # each is imported when it is opened: who reads the ledger waits for no MLflow
    from pipelines.registry.registry import Registry
    from pipelines.store.store import Store


@dataclass(frozen=True)
class Workspace:
    """Files, database (its SQLAlchemy address), MLflow (its tracking address) and catalog of a home.

    Ledger, store and registry are opened when they are first asked for. `processes` train one network together;
    who finds the database locked waits `patience` seconds.
    """

    files: Files
    database: str
    tracking_uri: str
    catalog_file: Path
    processes: int = 1
    sharding: Literal["ddp", "fsdp"] = "ddp"
    patience: float = 30

    @property
    def home(self) -> Path:
        """The folder of state."""
        return self.files.home

    @cached_property
    def store(self) -> "Store":
        """Predictions, feedback, keys and leases."""
        from pipelines.store.store import Store

        return Store(self.database, self.patience)

    @cached_property
    def ledger(self) -> Ledger:
        """What was decided; compared with what the database saw of it."""
        return Ledger(self.files.ledger, lambda: self.store)

    @cached_property
    def registry(self) -> "Registry":
        """The versions, in MLflow."""
        from pipelines.registry.registry import Registry

        return Registry(self.tracking_uri, self.files)

    def lease(self, name: str) -> AbstractContextManager[Callable[[], None]]:
        """Held alone while the block runs, by all processes of this database; raises LeaseHeld."""
        from pipelines.store.lease import lease

        return lease(self.database, name)
