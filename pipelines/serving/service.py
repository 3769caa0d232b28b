"""What every route works with, opened when the application starts and closed when it ends."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from pipelines import catalog
from pipelines.cores import cores
from pipelines.ledger import Ledger
from pipelines.masking.identity import secret_key
from pipelines.serving.champions import Champions
from pipelines.serving.door import Door, local
from pipelines.serving.events import Outbox
from pipelines.serving.metrics import Metrics
from pipelines.serving.pauses import Pauses
from pipelines.serving.trials.trials import Trials
from pipelines.serving.watch import Watch
from pipelines.serving.workers import Workers
from pipelines.settings import Settings
from pipelines.store.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """The open parts."""

    champions: Champions
    pauses: Pauses
    trials: Trials
    store: Store
    metrics: Metrics
    customer_key: bytes
    workers: Workers
    outbox: Outbox | None
    default_model: str | None
    door: Door


# Async, although it waits for nothing: a plain function would be sent to a thread for every request.
async def _of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Open = Annotated[Service, Depends(_of)]


@contextmanager
def opened(settings: Settings, metrics: Metrics, host: str) -> Iterator[Service]:
    """The service of one home, with every champion loaded that can be, watching for new ones."""
    ledger, cache = Ledger(settings.ledger), settings.home / "cache" / "packages"
    declared, store, key = _declared(settings), Store(settings.database), secret_key(settings.home)
    pauses, champions = Pauses(ledger), Champions(ledger, cache, declared, metrics, settings.cache)
    trials = Trials(ledger, cache, declared, store, metrics, settings.cache)
    # Who is paused is known before anybody can answer.
    followers = pauses, champions, trials, store.checkpoints()
    watches, outbox = [Watch(one) for one in followers], _outbox(metrics)
    door = Door(store.keyring(), local(host, settings.hosts))
    workers = Workers(max(1, cores() // settings.workers), settings.deadline, lambda: store.recording().keep)
    for watch in watches:
        watch.start()
    try:
        default = settings.default_model
        yield Service(champions, pauses, trials, store, metrics, key, workers, outbox, default, door)
    finally:
        for watch in watches:
            watch.stop()
        trials.close()
        workers.close()
        if outbox:
            outbox.close()


def _declared(settings: Settings) -> Mapping[str, float]:
    """The share of recorded answers in which a package may differ, by declared model."""
    try:
        return {name: spec.gate.agreement for name, spec in catalog.load(settings).items()}
    except catalog.BrokenCatalog as error:
        # The service needs no more than names and this share: promoted models answer without a declaration.
        log.error("the catalog is left out: %s", error)
        return {}


def _outbox(metrics: Metrics) -> Outbox | None:
    api = os.environ.get("PREFECT_API_URL")
    return Outbox(api, metrics) if api else None
