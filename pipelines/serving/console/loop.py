"""`GET /v1/loop`: how the loop fares, and nothing that was not measured."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cronsim import CronSim, CronSimError
from fastapi import APIRouter

from pipelines.catalog import ModelSpec
from pipelines.ledger import Entry, decided
from pipelines.promotion.trying import aborted
from pipelines.serving.bodies import refusals
from pipelines.serving.console.circuit import Alert, Audit, Circuit, Links, Loop, Rated
from pipelines.serving.console.desk import AtDesk, Desk
from pipelines.serving.console.history import Noted
from pipelines.serving.needs import needs
from pipelines.serving.service import Open, Service

router = APIRouter(tags=["console"])


@router.get("/v1/loop", responses=refusals(503), openapi_extra=needs("review"))
def loop(service: Open, desk: AtDesk) -> Loop:
    """For each declared model what it waits for and what was decided last; alerts; where to look for more.

    `next` is told only where schedules run beside this service. What is null was not measured.
    """
    audit = _audit(desk.settings.audit)
    links = Links(prefect=desk.settings.prefect_page, mlflow=desk.settings.mlflow_page)
    circuits = [_circuit(spec, service, desk) for spec in desk.declared().values()]
    return Loop(models=circuits, alerts=list(_alerts(service, desk, audit)), audit=audit, links=links)


def _circuit(spec: ModelSpec, service: Service, desk: Desk) -> Circuit:
    entries, champion = desk.entries(spec.name), service.champions.board.named.get(spec.name)
    learnt = max((entry.feedback for entry in entries), default=0)
    last = next(reversed(decided(entries)), None)
    return Circuit(
        model=spec.name,
        champion=champion.version if champion else None,
        waiting=service.store.waiting(spec.name, spec.labels, learnt),
        threshold=spec.retraining.feedback,
        cron=spec.retraining.cron,
        next=following(spec.retraining.cron, datetime.now(UTC)) if desk.settings.prefect_page else None,
        last=Noted.model_validate(last, from_attributes=True) if last else None,
        ratings=Rated.model_validate(service.store.ratings(spec.name), from_attributes=True),
    )


def following(cron: str, now: datetime) -> datetime | None:
    """When a schedule fires next, in UTC; none where it never does, or is none."""
    try:
        return next(CronSim(cron, now), None)
    except CronSimError:
        return None


def _alerts(service: Service, desk: Desk, audit: Audit | None) -> Iterator[Alert]:
    for model, why in service.champions.board.problems.items():
        yield Alert(kind="problem", about=model, said=why)
    for model, pause in service.pauses.entries.items():
        yield Alert(kind="paused", about=model, said=_why(pause), answer=pause.answer)
    ended = aborted(desk.ledger())
    for model, why in service.trials.problems.items():
        if model not in ended:  # it says the same
            yield Alert(kind="trial", about=model, said=why)
    for model, end in ended.items():
        yield Alert(kind="abort", about=model, said=f"version {end.version}: {_why(end)}")
    for difference in audit.differences if audit else ():
        yield Alert(kind="audit", about="", said=difference)


def _why(entry: Entry) -> str:
    return f"{'; '.join(entry.reasons)} ({entry.time[:16].replace('T', ' ')} UTC)"


def _audit(file: Path) -> Audit | None:
    """What the last audit found; none before the first, or where it cannot be read."""
    try:
        return Audit.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
