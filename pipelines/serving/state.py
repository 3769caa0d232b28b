"""What is served and how it fares: for people, for load balancers and for Prometheus."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from pipelines.ledger import Entry
from pipelines.serving.bodies import Models, Paused, Readiness, Served
from pipelines.serving.service import Open

router = APIRouter(tags=["state"])


@router.get("/v1/models", response_model_exclude_none=True)
async def models(service: Open) -> Models:
    """The champions that answer."""
    loaded, pauses = service.champions.board.loaded.values(), service.pauses.entries
    return Models(
        models=[
            Served(
                model=champion.entry.model,
                version=champion.entry.version,
                kind=champion.packaged.kind,
                labels=list(champion.packaged.labels),
                since=champion.entry.time,
                paused=_paused(pauses.get(champion.entry.model)),
            )
            for champion in loaded
        ]
    )


def _paused(pause: Entry | None) -> Paused | None:
    return Paused(reason="; ".join(pause.reasons), since=pause.time, answer=pause.answer) if pause else None


@router.get("/healthz")
async def health() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readiness(service: Open, response: Response) -> Readiness:
    """Whether every champion answers; `problems` also tells of a newer version that could not take over."""
    board = service.champions.board
    response.status_code = 200 if board.ready else 503
    versions = {model: champion.entry.version for model, champion in board.loaded.items()}
    return Readiness(ready=board.ready, models=versions, problems=dict(board.problems))


@router.get("/metrics", response_class=Response)
async def metrics(service: Open) -> Response:
    """Counts and times in Prometheus's text format."""
    return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)
