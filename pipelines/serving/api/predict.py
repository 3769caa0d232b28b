"""`POST /v1/models/{model}/predict`: ask a champion."""

from fastapi import APIRouter

from pipelines.kinds.known import find
from pipelines.serving.api.fast_route import Lean
from pipelines.serving.api.schemas import Answers, Question, refusals
from pipelines.serving.engine.prediction import ask, explain
from pipelines.serving.middleware.route_scopes import needs
from pipelines.serving.service import Open

router = APIRouter(tags=["predictions"], route_class=Lean)


@router.post(
    "/v1/models/{model}/predict",
    responses=refusals(404, 413, 415, 503),
    response_model_exclude_none=True,
    openapi_extra=needs("predict"),
)
async def predict(model: str, question: Question, service: Open) -> Answers:
    """Label texts. Each answer is kept under its id, the text masked, so that feedback can follow at once."""
    champion = service.champions.find(model)
    predictions = await ask(service, champion, question.texts, question.customer)
    wire, target = find(champion.packaged.kind).wire, champion.packaged.target
    why = await explain(service, champion, predictions) if question.explain else [None] * len(predictions)
    answered = [wire.answered(one, target, words) for one, words in zip(predictions, why, strict=True)]
    return Answers(model=model, version=predictions[0].version, predictions=answered)
