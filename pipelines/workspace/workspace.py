"""The workspace: a home as one value, opened by a flow or the service and passed on instead of settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.home.paths import Files
from pipelines.ledger.ledger import Ledger

if TYPE_CHECKING:  # imported when opened: a reader of the ledger does not wait for MLflow
    from pipelines.registry.registry import Registry
    from pipelines.store.store import Store


@dataclass(frozen=True)
class Workspace:
    """Files, database (its SQLAlchemy address), MLflow (its tracking address) and catalog of a home.

    Ledger, store and registry are opened at their first use. `processes` train one network together; a locked database
    is waited for up to `timeout` seconds.
    """

    files: Files
    database: str
    tracking_uri: str
    catalog_file: Path
    processes: int = 1
    sharding: Literal["ddp", "fsdp"] = "ddp"
    timeout: float = 30

    @property
    def home(self) -> Path:
        """The state folder."""
        return self.files.home

    @cached_property
    def store(self) -> "Store":
        """Predictions, feedback, keys and leases."""
        from pipelines.store.store import Store

        return Store(self.database, self.timeout)

    @cached_property
    def ledger(self) -> Ledger:
        """The decisions; compared with the entries that the database saw."""
        return Ledger(self.files.ledger, lambda: self.store)

    @cached_property
    def registry(self) -> "Registry":
        """The versions in MLflow."""
        from pipelines.registry.registry import Registry

        return Registry(self.tracking_uri, self.files)

    def lease(self, name: str) -> AbstractContextManager[Callable[[], None]]:
        """Hold a lease, exclusive among all processes of this database, while the block runs; raises LeaseHeld."""
        from pipelines.store.lease import lease

        return lease(self.database, name)
