"""`POST /v1/feedback`: feedback on a prediction."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from pipelines.ingestion.text import normalise
from pipelines.kinds.known import find_kind
from pipelines.kinds.wire import NamedLabels, UnfitLabel
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import DEFAULT_RULES, mask
from pipelines.serving.api.json_bodies import JsonRoute
from pipelines.serving.api.schemas import FeedbackRequest, FeedbackResponse, Responses, refusals
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.models.champions import Champion, NotLoaded
from pipelines.serving.service import Service, ServiceDependency
from pipelines.store.feedback_rows import Feedback, Origin, Receipt, UnknownPrediction
from pipelines.store.keyring import Caller
from pipelines.store.predictions import Prediction
from pipelines.store.quota import AnswerFull, SenderFull

router = APIRouter(tags=["feedback"], route_class=JsonRoute)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="a repeated key is recorded once",
    ),
]


REPEATED: Responses = {200: {"model": FeedbackResponse, "description": "Already recorded"}}
REFUSED = refusals(404, 409, 429, 503)


@router.post("/v1/feedback", status_code=201, responses=REPEATED | REFUSED, openapi_extra=require_scopes("feedback"))
def give_feedback(
    body: FeedbackRequest,
    service: ServiceDependency,
    request: Request,
    response: Response,
    idempotency_key: Key = None,
) -> FeedbackResponse:
    """Record feedback on one prediction; the next retraining learns from a named or a confirmed label."""
    service.health.require_available()
    prediction = service.store.prediction(body.prediction)
    if prediction is None:
        raise UnknownPrediction("no such prediction: send the `id` of a prediction of this service")
    feedback = _to_feedback(body, prediction, service)
    caller = request.state.caller
    # Hashed with the caller: a key may contain anything, and keys of different callers are independent.
    key_hash = idempotency_key and customer_hash(
        f"{caller.id if caller else ''} {idempotency_key}", service.customer_key
    )
    receipt = _record(service, prediction.model, feedback, key_hash, _origin(caller, body))
    if receipt.created:
        # Confirming an answer without a label, of a kind without labels, gives no training data.
        teaches = feedback.label is not None or (feedback.correct is True and prediction.label is not None)
        service.metrics.feedback.labels(receipt.model, str(teaches).lower()).inc()
        if teaches and service.outbox:
            service.outbox.enqueue(receipt)
    response.status_code = 201 if receipt.created else 200
    return FeedbackResponse(id=receipt.id, model=receipt.model)


def _origin(caller: Caller | None, body: FeedbackRequest) -> Origin:
    """The origin of feedback: a reviewer's own if the caller may review and names no customer."""
    if caller is None:
        return Origin()
    return Origin(caller.id, review=body.customer is None and caller.may({"review"}))


def _record(service: Service, model: str, feedback: Feedback, key_hash: str | None, origin: Origin) -> Receipt:
    try:
        return service.store.add(feedback, key_hash, origin)
    except (AnswerFull, SenderFull) as error:
        service.metrics.feedback_refused.labels(model, error.limit).inc()
        raise


def _to_feedback(body: FeedbackRequest, prediction: Prediction, service: Service) -> Feedback:
    champion = service.champions.served.loaded.get(prediction.model)
    cell = _cell(body, prediction, champion)
    comment = body.comment and mask(normalise(body.comment), champion.packaged.masking if champion else DEFAULT_RULES)
    author = body.customer and customer_hash(body.customer, service.customer_key)
    none_fits = cell is None and (body.none is True or body.labels == [])
    correct = False if none_fits else body.correct
    return Feedback(prediction.id, cell, correct, body.rating, comment, author, none_fits or None)


def _cell(body: FeedbackRequest, prediction: Prediction, champion: Champion | None) -> str | None:
    """The cell of the right label; None if the feedback names none. Raises UnfitLabel and NotLoaded."""
    named = NamedLabels(body.label, body.labels)
    if not (named.has_labels or body.none or body.correct):
        return None
    kind = find_kind(prediction.kind)
    target = champion.packaged.target if champion else kind.target.of_payload(prediction.payload)
    if target is None:
        raise NotLoaded("the champion is not loaded, so the valid labels are unknown: /readyz says why")
    wire = find_kind(target.kind).wire  # of the champion of now, whose kind may be another
    empty_list = body.labels == [] and body.label is None and wire.empty_cell(target) is None
    if (body.none or empty_list) and (body.correct or body.label is not None or body.labels):
        raise UnfitLabel("`none` means that no label fits: send it without a label and without `correct`")
    cell = wire.empty_cell(target) if body.none or empty_list else wire.to_cell(named, target)
    if body.correct and cell is None and not prediction.comparison_key:
        raise UnfitLabel(f"the model was paused and gave no label; send the right one: {target.expected}")
    if cell is not None and body.correct is not None and body.correct is not (cell == prediction.label):
        raise UnfitLabel(
            f"the model answered {prediction.label!r}, so this label and `correct` contradict each other: send one"
        )
    return cell
