"""`POST /v1/models/{model}/predict`: ask a champion."""

from anyio import to_thread
from fastapi import APIRouter

from pipelines.serving.answers import answer
from pipelines.serving.bodies import Answered, Answers, Question, refusals
from pipelines.serving.needs import needs
from pipelines.serving.service import Open

router = APIRouter(tags=["predictions"])


@router.post("/v1/models/{model}/predict", responses=refusals(404, 503), openapi_extra=needs("predict"))
async def predict(model: str, question: Question, service: Open) -> Answers:
    """Label texts. Each answer is kept under its id, the text masked, so that feedback can follow at once."""
    champion = service.champions.find(model)
    predictions = await to_thread.run_sync(
        answer, service, champion, question.texts, question.customer, limiter=service.cores
    )
    answered = [Answered.model_validate(one, from_attributes=True) for one in predictions]
    return Answers(model=model, version=champion.entry.version, predictions=answered)
