"""`POST /v1/feedback`: say what was right, wrong, good or bad about an answer."""

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from pipelines.ingestion.text import normalise
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask
from pipelines.serving.bodies import Kept, Reaction, Responses, refusals
from pipelines.serving.needs import needs
from pipelines.serving.service import Open, Service
from pipelines.store.feedback import Feedback, UnknownPrediction
from pipelines.store.predictions import Prediction

router = APIRouter(tags=["feedback"])

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, description="send the same again: kept once"),
]


BEFORE: Responses = {200: {"model": Kept, "description": "Kept before"}}


class UnfitLabel(ValueError):
    """A label that the model does not give, none where one is confirmed, or one that `correct` contradicts."""


@router.post("/v1/feedback", status_code=201, responses=BEFORE | refusals(404, 409), openapi_extra=needs("feedback"))
def give_feedback(
    reaction: Reaction, service: Open, request: Request, response: Response, idempotency_key: Key = None
) -> Kept:
    """Keep what somebody says about one prediction; a named or a confirmed label will teach the next challenger."""
    prediction = service.store.prediction(reaction.prediction)
    if prediction is None:
        raise UnknownPrediction("no such prediction: send the `id` that came with the answer")
    feedback = _checked(reaction, prediction, service)
    caller = request.state.caller
    # As a hash: it may hold anything, and one caller's keys are nothing to another.
    known = idempotency_key and customer_hash(f"{caller.id if caller else ''} {idempotency_key}", service.customer_key)
    receipt = service.store.add(feedback, known)
    if receipt.created:
        service.metrics.feedback.labels(receipt.model, str(feedback.teaches).lower()).inc()
        if feedback.teaches and service.outbox:
            service.outbox.tell(receipt)
    response.status_code = 201 if receipt.created else 200
    return Kept(id=receipt.id, model=receipt.model)


def _checked(reaction: Reaction, prediction: Prediction, service: Service) -> Feedback:
    champion = service.champions.board.loaded.get(prediction.model)
    labels: Collection[str] = champion.packaged.labels if champion else prediction.scores
    if reaction.label is not None and reaction.label not in labels:
        raise UnfitLabel(f"not a label of {prediction.model!r}; choose from {', '.join(labels)}")
    if reaction.correct and reaction.label is None and not prediction.label:
        raise UnfitLabel(f"the model named none, it was paused; say which is right: {', '.join(labels)}")
    if None not in (reaction.label, reaction.correct) and reaction.correct is not (reaction.label == prediction.label):
        raise UnfitLabel(f"the model said {prediction.label!r}, and `correct` says otherwise than this label: send one")
    comment = reaction.comment and mask(normalise(reaction.comment), champion.packaged.keep_handles if champion else ())
    return Feedback(prediction.id, reaction.label, reaction.correct, reaction.rating, comment)
