"""The service: the shared objects of all routes, opened at start-up and closed at shutdown."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from pipelines.catalog.catalog_file import BrokenCatalog, load
from pipelines.masking.identity import secret_key
from pipelines.runtime.cores import cores
from pipelines.serving.engine.store_health import StoreHealth
from pipelines.serving.engine.worker_threads import WorkerThreads
from pipelines.serving.middleware.authentication import Authenticator, is_local
from pipelines.serving.models.champions import Champions
from pipelines.serving.models.given_packages import GivenPackages
from pipelines.serving.models.ledger_reader import Pauses
from pipelines.serving.models.polling import Pollable, Poller
from pipelines.serving.models.served import PromotedVersions
from pipelines.serving.rollout.rollouts import Rollouts
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.serving.telemetry.prefect_events import Outbox
from pipelines.store.store import Store
from pipelines.workspace.settings import Settings
from pipelines.workspace.workspace import Workspace

log = logging.getLogger(__name__)

# Longest wait of a request for a locked database.
DATABASE_TIMEOUT_SECONDS = 3.0


@dataclass(frozen=True)
class Service:
    """The shared objects of all routes."""

    champions: Champions
    pauses: Pauses
    rollouts: Rollouts
    store: Store
    metrics: Metrics
    customer_key: bytes
    workers: WorkerThreads
    outbox: Outbox | None
    default_model: str | None
    authenticator: Authenticator
    health: StoreHealth

    @property
    def ready(self) -> bool:
        """True if every champion is loaded, the ledger is valid, and predictions can be recorded."""
        return self.champions.served.ready and not self.health.problem


# Async without an await: FastAPI would run a plain function in a thread for every request.
async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDependency = Annotated[Service, Depends(_service)]


@contextmanager
def open_service(
    settings: Settings,
    workspace: Workspace,
    metrics: Metrics,
    host: str,
    packages: Mapping[str, Path] | None = None,
) -> Iterator[Service]:
    """Context of the service of one home: loads the champions and follows the ledger.

    With `packages`, by name, it serves these alone and reads no ledger.
    """
    tolerances, store = {} if packages else _declared_tolerances(workspace.catalog_file), workspace.store
    key = secret_key(workspace.home, store.needs_key)
    ledger, cache = workspace.ledger, workspace.files.packages
    source = GivenPackages(packages) if packages else PromotedVersions(ledger, tolerances)
    pauses, champions = Pauses(ledger), Champions(source, cache, metrics, settings.cache)
    rollouts = Rollouts(ledger, cache, tolerances, store, metrics, settings.cache)
    health = StoreHealth(store, workspace.home)
    # Pauses are read before any model can answer.
    targets: list[Pollable] = [health, pauses, champions, rollouts, store.checkpoints()]
    if packages:
        targets = [health, champions, store.checkpoints()]
    pollers, outbox = [Poller(target) for target in targets], _outbox(metrics)
    shortcuts = settings.shortcuts
    keyring = store.keyring(open_connection="open-keyring" in shortcuts)
    authenticator = Authenticator(keyring, is_local(host, settings.hosts), workspace.home)
    workers = WorkerThreads(
        max(1, cores() // settings.workers),
        settings.deadline,
        lambda: store.prediction_writer().write if "fast-recording" in shortcuts else store.record,
        pinned="cpu-pinning" in shortcuts,
    )
    for poller in pollers:
        poller.start()
    try:
        model = settings.default_model
        yield Service(champions, pauses, rollouts, store, metrics, key, workers, outbox, model, authenticator, health)
    finally:
        for poller in pollers:
            poller.stop()
        rollouts.close()
        workers.close()
        if outbox:
            outbox.close()


def _declared_tolerances(file: Path) -> Mapping[str, float]:
    """For each declared model, the share of reference answers in which its package may differ."""
    try:
        return {name: spec.gate.tolerance for name, spec in load(file).items()}
    except BrokenCatalog as error:
        # Only names and this share are needed: promoted models answer without a declaration.
        log.error("the catalog cannot be read and is ignored: %s", error)
        return {}


def _outbox(metrics: Metrics) -> Outbox | None:
    api = os.environ.get("PREFECT_API_URL")
    return Outbox(api, os.environ.get("PREFECT_API_AUTH_STRING"), metrics) if api else None
