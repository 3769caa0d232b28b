"""`POST /v1/feedback`: say what was right, wrong, good or bad about an answer."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from pipelines.ingestion.text import normalise
from pipelines.kinds.known import find
from pipelines.kinds.wire import Named, UnfitLabel
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask
from pipelines.serving.api.schemas import FeedbackRequest, FeedbackResponse, Responses, refusals
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.models.champions import Champion, NotLoaded
from pipelines.serving.service import Open, Service
from pipelines.store.feedback_rows import Feedback, Origin, Receipt, UnknownPrediction
from pipelines.store.keyring import Caller
from pipelines.store.predictions import Prediction
from pipelines.store.quota import AnswerFull, SenderFull

router = APIRouter(tags=["feedback"])

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, description="send the same again: kept once"),
]


BEFORE: Responses = {200: {"model": FeedbackResponse, "description": "Kept before"}}
REFUSED = refusals(404, 409, 429, 503)


@router.post("/v1/feedback", status_code=201, responses=BEFORE | REFUSED, openapi_extra=require_scopes("feedback"))
def give_feedback(
    reaction: FeedbackRequest, service: Open, request: Request, response: Response, idempotency_key: Key = None
) -> FeedbackResponse:
    """Keep what somebody says about one prediction; a named or a confirmed label will teach the next challenger."""
    service.health.require()
    prediction = service.store.prediction(reaction.prediction)
    if prediction is None:
        raise UnknownPrediction("no such prediction: send the `id` that came with the answer")
    feedback = _checked(reaction, prediction, service)
    caller = request.state.caller
    # As a hash: it may hold anything, and one caller's keys are nothing to another.
    known = idempotency_key and customer_hash(f"{caller.id if caller else ''} {idempotency_key}", service.customer_key)
    receipt = _kept(service, prediction.model, feedback, known, _origin(caller, reaction))
    if receipt.created:
        # An answer without a label, of a kind that has none, teaches nothing where it is only confirmed.
        teaches = feedback.label is not None or (feedback.correct is True and prediction.label is not None)
        service.metrics.feedback.labels(receipt.model, str(teaches).lower()).inc()
        if teaches and service.outbox:
            service.outbox.tell(receipt)
    response.status_code = 201 if receipt.created else 200
    return FeedbackResponse(id=receipt.id, model=receipt.model)


def _origin(caller: Caller | None, reaction: FeedbackRequest) -> Origin:
    """Whoever names a customer passes on what that one said; without one a reviewer speaks for himself."""
    if caller is None:
        return Origin()
    return Origin(caller.id, review=reaction.customer is None and caller.may({"review"}))


def _kept(service: Service, model: str, feedback: Feedback, known: str | None, origin: Origin) -> Receipt:
    try:
        return service.store.add(feedback, known, origin)
    except (AnswerFull, SenderFull) as full:
        service.metrics.feedback_refused.labels(model, full.limit).inc()
        raise


def _checked(reaction: FeedbackRequest, prediction: Prediction, service: Service) -> Feedback:
    champion = service.champions.board.loaded.get(prediction.model)
    cell = _cell(reaction, prediction, champion)
    comment = reaction.comment and mask(normalise(reaction.comment), champion.packaged.keep_handles if champion else ())
    author = reaction.customer and customer_hash(reaction.customer, service.customer_key)
    nothing = reaction.none is True and cell is None
    correct = False if nothing else reaction.correct
    return Feedback(prediction.id, cell, correct, reaction.rating, comment, author, nothing or None)


def _cell(reaction: FeedbackRequest, prediction: Prediction, champion: Champion | None) -> str | None:
    """What was named as right, none where nothing was. Raises UnfitLabel."""
    named = Named(reaction.label, reaction.labels)
    if not (named.said or reaction.none or reaction.correct):
        return None
    kind = find(prediction.kind)
    target = champion.packaged.target if champion else kind.target.of_payload(prediction.payload)
    if target is None:
        raise NotLoaded("its champion is not loaded, and without it nobody knows what may be said: /readyz says why")
    if reaction.none and (reaction.correct or reaction.label is not None or reaction.labels):
        raise UnfitLabel("`none` says that nothing fits: send no label with it, and do not call the answer correct")
    wire = find(target.kind).wire  # of what may be said now, whatever kind the model was when it answered
    cell = wire.nothing(target) if reaction.none else wire.taught(named, target)
    if reaction.correct and cell is None and not prediction.told:
        raise UnfitLabel(f"the model named none, it was paused; say which is right: {target.expected}")
    if cell is not None and reaction.correct is not None and reaction.correct is not (cell == prediction.label):
        raise UnfitLabel(f"the model said {prediction.label!r}, and `correct` says otherwise than this label: send one")
    return cell
