"""MLflow's scoring protocol, for the default model: `/invocations`, `/ping`, `/version`."""

from importlib.metadata import version as installed
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Response

from pipelines.kinds.known import find_kind
from pipelines.serving.api import examples
from pipelines.serving.api.errors import RETRY
from pipelines.serving.api.schemas import Responses
from pipelines.serving.engine.prediction import predict
from pipelines.serving.middleware.request_limits import CSV
from pipelines.serving.middleware.route_scopes import public, require_scopes
from pipelines.serving.models.champions import Champion
from pipelines.serving.protocols.csv_tables import TableRoute
from pipelines.serving.protocols.mlflow_inputs import InvocationErrorResponse, InvocationResponse, TableInput
from pipelines.serving.service import Service, ServiceDependency

REFUSED: Responses = {"4XX": {"model": InvocationErrorResponse}, "5XX": {"model": InvocationErrorResponse}}

CSV_BODY = {"requestBody": {"content": {CSV: {"schema": {"type": "string"}, "example": examples.CSV_INPUT}}}}

router = APIRouter(tags=["MLflow"], route_class=TableRoute)


@router.get("/ping", response_class=Response, responses={503: {}}, openapi_extra=public())
async def ping(service: ServiceDependency) -> Response:
    """Readiness: 200 if every champion is loaded, else 503."""
    ready = service.ready
    return Response("\n", 200 if ready else 503, None if ready else RETRY, media_type="application/json")


@router.get("/version", response_class=Response, openapi_extra=public())
async def version() -> Response:
    """The version of MLflow that defines this protocol."""
    return Response(installed("mlflow"), media_type="text/plain")


@router.post(
    "/invocations",
    responses=REFUSED,
    response_model_exclude_unset=True,
    openapi_extra=require_scopes("predict") | CSV_BODY,
)
async def invocations(
    body: Annotated[TableInput, Body(openapi_examples=examples.TABLE_INPUTS)], service: ServiceDependency
) -> InvocationResponse:
    """Label a column of texts with the default model. Each prediction is recorded, with its text masked."""
    texts, champion = body.texts(), _default(service)
    rows = await predict(service, champion, texts, body.customer())
    to_row, target = find_kind(champion.packaged.kind).wire.row, champion.packaged.target
    predictions = [to_row(row, target) for row in rows]
    if warning := body.ignored_params():
        return InvocationResponse(predictions=predictions, warning=warning)
    return InvocationResponse(predictions=predictions)


def _default(service: Service) -> Champion:
    """The champion of NEEDLOOP_DEFAULT_MODEL, else the only champion. Raises HTTPException."""
    models = sorted(service.champions.served.expected)
    if service.default_model is None and len(models) != 1:
        reason = f"several models answer here ({', '.join(models)})" if models else "no model has a champion yet"
        raise HTTPException(400, f"{reason}: set NEEDLOOP_DEFAULT_MODEL, or use /v1/models/MODEL/predict")
    return service.champions.find(service.default_model or models[0])
