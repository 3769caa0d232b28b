"""`GET /v1/loop`: how the loop fares, and nothing that was not measured."""

import json
from pathlib import Path

from fastapi import APIRouter

from pipelines.catalog.spec import ModelSpec
from pipelines.ledger.queries import decided, learnt
from pipelines.serving.api.schemas import refusals
from pipelines.serving.console.alerts.alert_source import Situation
from pipelines.serving.console.alerts.alert_sources import alerts
from pipelines.serving.console.console_context import AtDesk, ConsoleContext
from pipelines.serving.console.history import noted
from pipelines.serving.console.loop_schemas import Audit, LoopStatus, PipelineStatus, Rated, Schedule
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.service import Open, Service
from pipelines.store.votes import Vocabulary

router = APIRouter(tags=["console"])


@router.get("/v1/loop", responses=refusals(503), openapi_extra=require_scopes("review"))
def loop(service: Open, desk: AtDesk) -> PipelineStatus:
    """For each declared model what it waits for and what was decided last; alerts; where to look for more.

    `next` is when Prefect plans to retrain; `schedule` says why it is null. What else is null was not measured.
    """
    audit = _audit(desk.workspace.files.audit)
    declared = desk.declared()
    schedules = desk.planning.of(declared)
    circuits = [_circuit(spec, schedules[name], service, desk) for name, spec in declared.items()]
    told = alerts(Situation(service, desk, audit, schedules))
    return PipelineStatus(models=circuits, alerts=told, audit=audit, links=desk.links)


def _circuit(spec: ModelSpec, schedule: Schedule, service: Service, desk: ConsoleContext) -> LoopStatus:
    entries, champion = desk.entries(spec.name), service.champions.board.named.get(spec.name)
    known = learnt(entries)
    last = next(reversed(decided(entries)), None)
    name, store, count = spec.name, service.store, desk.counts.of

    def vocabulary() -> Vocabulary:
        return store.vocabulary(name, spec.target)

    return LoopStatus(
        model=spec.name,
        champion=champion.version if champion else None,
        waiting=count(("waiting", name, known), lambda: store.waiting(name, vocabulary(), known)),
        ties=count(("ties", name), lambda: store.ties(name, vocabulary())),
        threshold=spec.retraining.feedback,
        cron=spec.retraining.cron,
        next=schedule.time,
        schedule=schedule,
        last=noted(last) if last else None,
        ratings=Rated.model_validate(count(("ratings", name), lambda: store.ratings(name)), from_attributes=True),
    )


def _audit(file: Path) -> Audit | None:
    """What the last audit found; none before the first, or where it cannot be read."""
    try:
        return Audit.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
