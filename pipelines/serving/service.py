"""What every route works with, opened when the application starts and closed when it ends."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from pipelines.catalog.spec import BrokenCatalog, load
from pipelines.home.workspace import Workspace
from pipelines.masking.identity import secret_key
from pipelines.runtime.cores import cores
from pipelines.runtime.settings import Settings
from pipelines.serving.engine.store_health import StoreHealth
from pipelines.serving.engine.worker_threads import WorkerThreads
from pipelines.serving.middleware.authentication import Authenticator, local
from pipelines.serving.models.champions import Champions
from pipelines.serving.models.given_packages import GivenPackages
from pipelines.serving.models.pauses import Pauses
from pipelines.serving.models.polling import Pollable, Poller
from pipelines.serving.models.promoted import Promoted
from pipelines.serving.rollout.rollouts import Trials
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.serving.telemetry.prefect_events import Outbox
from pipelines.store.store import Store

log = logging.getLogger(__name__)

# A customer waits for no longer until a database that others keep locked is free.
PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Service:
    """The open parts."""

    champions: Champions
    pauses: Pauses
    trials: Trials
    store: Store
    metrics: Metrics
    customer_key: bytes
    workers: WorkerThreads
    outbox: Outbox | None
    default_model: str | None
    door: Authenticator
    health: StoreHealth

    @property
    def ready(self) -> bool:
        """Whether every champion answers, the ledger can be believed, and what is answered can be kept."""
        return self.champions.board.ready and not self.health.problem


# Async, although it waits for nothing: a plain function would be sent to a thread for every request.
async def _of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Open = Annotated[Service, Depends(_of)]


@contextmanager
def opened(
    settings: Settings,
    workspace: Workspace,
    metrics: Metrics,
    host: str,
    packages: Mapping[str, Path] | None = None,
) -> Iterator[Service]:
    """The service of one home, with every champion loaded that can be, watching for new ones.

    With `packages`, by name, it serves these and nothing else, and follows no ledger.
    """
    declared, store = {} if packages else _declared(workspace.catalog_file), workspace.store
    key = secret_key(workspace.home, store.needs_key)
    ledger, cache = workspace.ledger, workspace.files.packages
    source = GivenPackages(packages) if packages else Promoted(ledger, declared)
    pauses, champions = Pauses(ledger), Champions(source, cache, metrics, settings.cache)
    trials = Trials(ledger, cache, declared, store, metrics, settings.cache)
    health = StoreHealth(store, workspace.home)
    # Who is paused is known before anybody can answer.
    followers: list[Pollable] = [health, pauses, champions, trials, store.checkpoints()]
    if packages:
        followers = [health, champions, store.checkpoints()]
    watches, outbox = [Poller(one) for one in followers], _outbox(metrics)
    door = Authenticator(store.keyring(), local(host, settings.hosts), workspace.home)
    workers = WorkerThreads(max(1, cores() // settings.workers), settings.deadline, lambda: store.recording().keep)
    for watch in watches:
        watch.start()
    try:
        default = settings.default_model
        yield Service(champions, pauses, trials, store, metrics, key, workers, outbox, default, door, health)
    finally:
        for watch in watches:
            watch.stop()
        trials.close()
        workers.close()
        if outbox:
            outbox.close()


def _declared(file: Path) -> Mapping[str, float]:
    """The share of recorded answers in which a package may differ, by declared model."""
    try:
        return {name: spec.gate.tolerance for name, spec in load(file).items()}
    except BrokenCatalog as error:
        # The service needs no more than names and this share: promoted models answer without a declaration.
        log.error("the catalog is left out: %s", error)
        return {}


def _outbox(metrics: Metrics) -> Outbox | None:
    api = os.environ.get("PREFECT_API_URL")
    return Outbox(api, os.environ.get("PREFECT_API_AUTH_STRING"), metrics) if api else None
