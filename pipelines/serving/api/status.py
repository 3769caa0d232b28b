"""What is served and how it fares: for people, for load balancers and for Prometheus."""

from typing import Literal

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse

from pipelines.home.faults import DatabaseFault
from pipelines.ledger.entry import Record
from pipelines.ledger.events import Pause
from pipelines.serving.api.errors import RETRY
from pipelines.serving.api.schemas import ModelInfo, Models, Paused, Readiness
from pipelines.serving.engine.store_health import HOME
from pipelines.serving.middleware.route_scopes import public, require_scopes
from pipelines.serving.rollout.rollout_schemas import Rollout
from pipelines.serving.service import Open, Service

UNTOLD = "ask with an API key, or read the log"

router = APIRouter(tags=["state"])


@router.get("/v1/models", response_model_exclude_none=True, openapi_extra=require_scopes())
async def models(service: Open) -> Models:
    """The champions that answer."""
    loaded, pauses = service.champions.board.loaded.values(), service.pauses.entries
    return Models(
        models=[
            ModelInfo(
                model=champion.entry.model,
                version=champion.entry.version,
                kind=champion.packaged.kind,
                labels=list(champion.packaged.target.names),
                **champion.packaged.target.served,
                since=champion.entry.since,
                threshold=champion.packaged.card.get("threshold", 0.0),
                paused=_paused(pauses.get(champion.entry.model)),
                trial=await _tried(service, champion.entry.model),
            )
            for champion in loaded
        ]
    )


async def _tried(service: Service, model: str) -> Rollout | None:
    if model not in service.trials.running:
        return None
    fares = await to_thread.run_sync(service.trials.fares, model)
    return Rollout.model_validate(fares) if fares else None


def _paused(pause: Record[Pause] | None) -> Paused | None:
    return Paused(reason="; ".join(pause.reasons), since=pause.time, answer=pause.event.answer) if pause else None


@router.get("/healthz", openapi_extra=public())
async def health() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"model": Readiness}}, openapi_extra=public())
async def readiness(service: Open, request: Request, response: Response) -> Readiness:
    """Whether every champion answers; `problems` also tells of a newer version that could not take over.

    Reasons may name files of this machine, so where keys are asked for they are told to callers with one.
    """
    board, access = service.champions.board, await _access(service)
    told = access == "open" or request.state.caller is not None
    if not service.ready:
        response.status_code, response.headers["Retry-After"] = 503, RETRY["Retry-After"]
    versions = {model: champion.entry.version for model, champion in board.loaded.items()}
    kept = {HOME: service.health.problem} if service.health.problem else {}
    reasons = {**service.trials.problems, **board.problems, **kept}
    problems = {model: why if told else UNTOLD for model, why in reasons.items()}
    return Readiness(ready=service.ready, models=versions, problems=problems, access=access)


async def _access(service: Service) -> Literal["open", "keys"]:
    """Where nobody can tell whether there are keys, they are asked for."""
    try:
        return "open" if await service.door.stands_open() else "keys"
    except DatabaseFault as error:
        service.health.blame(error)
        return "keys"


@router.get("/metrics", response_class=Response, openapi_extra=require_scopes())
async def metrics(service: Open) -> Response:
    """Counts and times in Prometheus's text format."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", include_in_schema=False, openapi_extra=require_scopes())
async def description(request: Request) -> JSONResponse:
    """Every route, what it takes and gives, and which key it asks for."""
    return JSONResponse(request.app.openapi())
