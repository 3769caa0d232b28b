"""`POST /v1/models/{model}/predict`: predictions of a champion."""

from fastapi import APIRouter

from pipelines.kinds.known import find_kind
from pipelines.serving.api.schemas import PredictRequest, PredictResponse, refusals
from pipelines.serving.engine import prediction
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.service import ServiceDependency
from pipelines.serving.shortcuts.fast_path import FastRoute

router = APIRouter(tags=["predictions"], route_class=FastRoute)


@router.post(
    "/v1/models/{model}/predict",
    responses=refusals(404, 413, 415, 503),
    response_model_exclude_none=True,
    openapi_extra=require_scopes("predict"),
)
async def predict(model: str, body: PredictRequest, service: ServiceDependency) -> PredictResponse:
    """Label texts. Each prediction is recorded with its masked text, so feedback on its id is accepted at once."""
    champion = service.champions.find(model)
    predictions = await prediction.predict(service, champion, body.texts, body.customer)
    wire, target = find_kind(champion.packaged.kind).wire, champion.packaged.target
    why = await prediction.explain(service, champion, predictions) if body.explain else [None] * len(predictions)
    bodies = [wire.prediction_body(row, target, words) for row, words in zip(predictions, why, strict=True)]
    return PredictResponse(model=model, version=predictions[0].version, predictions=bodies)
