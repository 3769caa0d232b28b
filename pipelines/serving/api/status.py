"""Status routes: served models, health, readiness, metrics and the API description."""

from typing import Literal

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse

from pipelines.home.faults import DatabaseFault
from pipelines.ledger.entry import EventEntry
from pipelines.ledger.events import Pause
from pipelines.serving.api.errors import RETRY
from pipelines.serving.api.schemas import ModelInfo, Models, Paused, Readiness
from pipelines.serving.engine.store_health import HOME
from pipelines.serving.middleware.route_scopes import public, require_scopes
from pipelines.serving.rollout.rollout_schemas import Rollout
from pipelines.serving.service import Service, ServiceDependency

HIDDEN = "send an API key to see the reason, or read the log"

router = APIRouter(tags=["state"])


@router.get("/v1/models", response_model_exclude_none=True, openapi_extra=require_scopes())
async def models(service: ServiceDependency) -> Models:
    """The loaded champions."""
    loaded, pauses = service.champions.served.loaded.values(), service.pauses.entries
    return Models(
        models=[
            ModelInfo(
                model=champion.entry.model,
                version=champion.entry.version,
                kind=champion.packaged.kind,
                labels=list(champion.packaged.target.names),
                **champion.packaged.target.served_fields,
                since=champion.entry.since,
                threshold=champion.packaged.metadata.get("threshold", 0.0),
                paused=_paused(pauses.get(champion.entry.model)),
                trial=await _rollout(service, champion.entry.model),
            )
            for champion in loaded
        ]
    )


async def _rollout(service: Service, model: str) -> Rollout | None:
    if model not in service.rollouts.running:
        return None
    status = await to_thread.run_sync(service.rollouts.status, model)
    return Rollout.model_validate(status) if status else None


def _paused(pause: EventEntry[Pause] | None) -> Paused | None:
    return Paused(reason="; ".join(pause.reasons), since=pause.time, answer=pause.event.answer) if pause else None


@router.get("/healthz", openapi_extra=public())
async def health() -> dict[str, str]:
    """Liveness: 200 while the process responds."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"model": Readiness}}, openapi_extra=public())
async def readiness(service: ServiceDependency, request: Request, response: Response) -> Readiness:
    """Readiness: 200 if every champion is loaded; `problems` also lists newer versions that could not be loaded.

    Reasons may contain file names of this machine, so if keys are required only callers with a key see them.
    """
    served, access = service.champions.served, await _access(service)
    visible = access == "open" or request.state.caller is not None
    if not service.ready:
        response.status_code, response.headers["Retry-After"] = 503, RETRY["Retry-After"]
    versions = {model: champion.entry.version for model, champion in served.loaded.items()}
    store_problem = {HOME: service.health.problem} if service.health.problem else {}
    reasons = {**service.rollouts.errors, **served.errors, **store_problem}
    problems = {model: reason if visible else HIDDEN for model, reason in reasons.items()}
    return Readiness(ready=service.ready, models=versions, problems=problems, access=access)


async def _access(service: Service) -> Literal["open", "keys"]:
    """The access mode; `keys` if the keys cannot be read."""
    try:
        return "open" if await service.authenticator.anonymous_allowed() else "keys"
    except DatabaseFault as error:
        service.health.note_failure(error)
        return "keys"


@router.get("/metrics", response_class=Response, openapi_extra=require_scopes())
async def metrics(service: ServiceDependency) -> Response:
    """Metrics in Prometheus's text format."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", include_in_schema=False, openapi_extra=require_scopes())
async def description(request: Request) -> JSONResponse:
    """The OpenAPI description: every route with its schemas and its required scopes."""
    return JSONResponse(request.app.openapi())
