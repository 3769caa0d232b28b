"""`POST /v1/models/{model}/predict`: ask a champion."""

from fastapi import APIRouter

from pipelines.kinds.known import find
from pipelines.serving.api.fast_route import FastRoute
from pipelines.serving.api.schemas import PredictRequest, PredictResponse, refusals
from pipelines.serving.engine import prediction
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.service import Open

router = APIRouter(tags=["predictions"], route_class=FastRoute)


@router.post(
    "/v1/models/{model}/predict",
    responses=refusals(404, 413, 415, 503),
    response_model_exclude_none=True,
    openapi_extra=require_scopes("predict"),
)
async def predict(model: str, question: PredictRequest, service: Open) -> PredictResponse:
    """Label texts. Each answer is kept under its id, the text masked, so that feedback can follow at once."""
    champion = service.champions.find(model)
    predictions = await prediction.predict(service, champion, question.texts, question.customer)
    wire, target = find(champion.packaged.kind).wire, champion.packaged.target
    why = await prediction.explain(service, champion, predictions) if question.explain else [None] * len(predictions)
    answered = [wire.answered(one, target, words) for one, words in zip(predictions, why, strict=True)]
    return PredictResponse(model=model, version=predictions[0].version, predictions=answered)
