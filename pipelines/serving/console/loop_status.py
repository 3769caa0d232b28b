"""`GET /v1/loop`: the status of every model's loop; figures that are not measured are null."""

import json
from pathlib import Path

from fastapi import APIRouter

from pipelines.catalog.spec import ModelSpec
from pipelines.ledger.queries import decisions, last_learnt_feedback
from pipelines.serving.api.schemas import refusals
from pipelines.serving.console.alerts.alert_source import Situation
from pipelines.serving.console.alerts.alert_sources import alerts
from pipelines.serving.console.console_context import ConsoleContext, ContextDependency
from pipelines.serving.console.history import ledger_entry
from pipelines.serving.console.loop_schemas import Audit, LoopStatus, PipelineStatus, RatingsSummary, Schedule
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.service import Service, ServiceDependency
from pipelines.store.votes import AllowedCells

router = APIRouter(tags=["console"])


@router.get("/v1/loop", responses=refusals(503), openapi_extra=require_scopes("review"))
def loop(service: ServiceDependency, context: ContextDependency) -> PipelineStatus:
    """For each declared model, the pending labels and the last decision; alerts; the last audit; links.

    `next` is the time of the next retraining in Prefect; `schedule` says why it is null. Other nulls are not measured.
    """
    audit = _audit(context.workspace.files.audit)
    declared = context.declared()
    schedules = context.schedules.of(declared)
    models = [_model_status(spec, schedules[name], service, context) for name, spec in declared.items()]
    active = alerts(Situation(service, context, audit, schedules))
    return PipelineStatus(models=models, alerts=active, audit=audit, links=context.links)


def _model_status(spec: ModelSpec, schedule: Schedule, service: Service, context: ConsoleContext) -> LoopStatus:
    entries, champion = context.entries(spec.name), service.champions.served.expected.get(spec.name)
    learnt = last_learnt_feedback(entries)
    last = next(reversed(decisions(entries)), None)
    name, store, total = spec.name, service.store, context.totals.of

    def vocabulary() -> AllowedCells:
        return store.vocabulary(name, spec.target)

    return LoopStatus(
        model=spec.name,
        champion=champion.version if champion else None,
        waiting=total(("waiting", name, learnt), lambda: store.pending_labels(name, vocabulary(), learnt)),
        ties=total(("ties", name), lambda: store.ties(name, vocabulary())),
        threshold=spec.retraining.feedback,
        cron=spec.retraining.cron,
        next=schedule.time,
        schedule=schedule,
        last=ledger_entry(last) if last else None,
        ratings=RatingsSummary.model_validate(
            total(("ratings", name), lambda: store.ratings(name)), from_attributes=True
        ),
    )


def _audit(file: Path) -> Audit | None:
    """The last audit; None before the first one, or if its file cannot be read."""
    try:
        return Audit.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
