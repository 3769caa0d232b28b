"""MLflow's scoring protocol, for the default model: `/invocations`, `/ping`, `/version`."""

from importlib.metadata import version as installed
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Response

from pipelines.kinds.known import find as find_kind
from pipelines.serving.api import examples
from pipelines.serving.api.errors import RETRY
from pipelines.serving.api.schemas import Responses
from pipelines.serving.engine.prediction import predict
from pipelines.serving.middleware.route_scopes import public, require_scopes
from pipelines.serving.models.champions import Champion
from pipelines.serving.protocols.mlflow_inputs import InvocationRefusal, Scored, TableInput
from pipelines.serving.service import Open, Service

REFUSED: Responses = {"4XX": {"model": InvocationRefusal}, "5XX": {"model": InvocationRefusal}}

router = APIRouter(tags=["MLflow"])


@router.get("/ping", response_class=Response, responses={503: {}}, openapi_extra=public())
async def ping(service: Open) -> Response:
    """Whether every champion answers: 200 or 503."""
    ready = service.ready
    return Response("\n", 200 if ready else 503, None if ready else RETRY, media_type="application/json")


@router.get("/version", response_class=Response, openapi_extra=public())
async def version() -> Response:
    """The version of MLflow whose protocol this is."""
    return Response(installed("mlflow"), media_type="text/plain")


@router.post("/invocations", responses=REFUSED, openapi_extra=require_scopes("predict"))
async def invocations(frame: Annotated[TableInput, Body(openapi_examples=examples.FRAMES)], service: Open) -> Scored:
    """Label a column of texts by the default model. Each answer is kept, the text masked."""
    texts, champion = frame.texts(), _default(service)
    found = await predict(service, champion, texts)
    row, target = find_kind(champion.packaged.kind).wire.row, champion.packaged.target
    return Scored(predictions=[row(one, target) for one in found])


def _default(service: Service) -> Champion:
    """The model of the setting, else the only champion."""
    named = sorted(service.champions.board.named)
    if service.default_model is None and len(named) != 1:
        found = f"several models answer here ({', '.join(named)})" if named else "no model has a champion yet"
        raise HTTPException(400, f"{found}: name one in NEEDLOOP_DEFAULT_MODEL, or ask /v1/models/MODEL/predict")
    return service.champions.find(service.default_model or named[0])
