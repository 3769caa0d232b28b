"""`POST /v1/models/{model}/predict`: ask a champion."""

from fastapi import APIRouter

from pipelines.serving.answers import ask, explain
from pipelines.serving.bodies import Answered, Answers, Question, refusals
from pipelines.serving.lean import Lean
from pipelines.serving.needs import needs
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
    answered = [Answered.model_validate(one, from_attributes=True) for one in predictions]
    if question.explain:
        why = await explain(service, champion, predictions)
        answered = [one.model_copy(update={"why": said}) for one, said in zip(answered, why, strict=True)]
    return Answers(model=model, version=champion.entry.version, predictions=answered)
