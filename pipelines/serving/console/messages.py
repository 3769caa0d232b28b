"""Routes of the inbox: `GET .../messages`, `GET .../review`, `POST /v1/feedback/undo`, `GET /v1/caller`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from pipelines.serving.api.schemas import refusals
from pipelines.serving.console.console_context import ConsoleContext, ContextDependency
from pipelines.serving.console.console_schemas import (
    MessageBody,
    MessagePage,
    SignedInCaller,
    UndoRequest,
    UndoResponse,
)
from pipelines.serving.middleware.route_scopes import WITHOUT_KEY, require_scopes
from pipelines.serving.models.champions import NoChampion
from pipelines.serving.service import Service, ServiceDependency
from pipelines.store import message_list
from pipelines.store.key_scopes import SCOPES
from pipelines.store.message_feedback import MessageFeedback
from pipelines.store.predictions import Prediction
from pipelines.store.votes import ANY_LABEL, AllowedCells

router = APIRouter(tags=["console"])

Limit = Annotated[int, Query(ge=1, le=200)]
MAX_NAME = 40  # characters of a model's name
HASH_DIGITS = 12  # of a customer's hash: enough to tell one from another
Before = Annotated[str | None, Query(max_length=100, pattern=r"^[!-~]+$", description="the `older` of a page")]


@router.get("/v1/models/{model}/messages", responses=refusals(404, 503), openapi_extra=require_scopes("review"))
def messages(
    model: str, service: ServiceDependency, context: ContextDependency, limit: Limit = 50, before: Before = None
) -> MessagePage:
    """A page of messages, newest first; an old page takes no longer than the first."""
    _require_known(model, service, context)
    vocabulary = _vocabulary(model, service, context)
    newest = service.store.messages(model, limit, before, _other_models(model, service), vocabulary)
    return MessagePage(messages=_to_messages(newest), older=newest[-1].prediction.id if len(newest) == limit else None)


@router.get("/v1/models/{model}/review", responses=refusals(404, 503), openapi_extra=require_scopes("review"))
def review(model: str, service: ServiceDependency, context: ContextDependency, limit: Limit = 50) -> MessagePage:
    """The review queue: texts to label next, most useful first, each text once.

    The order: tied votes, however old; answers that were called wrong; abstained answers; then those whose two most
    probable labels lie closest. Apart from ties the queue holds texts without a label of the newest 5,000 messages.
    """
    _require_known(model, service, context)
    vocabulary = _vocabulary(model, service, context)
    queue = service.store.review(model, limit, _other_models(model, service), vocabulary)
    return MessagePage(messages=_to_messages(queue))


@router.post("/v1/feedback/undo", responses=refusals(404), openapi_extra=require_scopes("feedback", "review"))
def undo(body: UndoRequest, service: ServiceDependency) -> UndoResponse:
    """Undo feedback for good: it stays on record and is never learnt from. Idempotent."""
    return UndoResponse(id=body.feedback, undone=service.store.undo(body.feedback))


@router.get("/v1/caller", openapi_extra=require_scopes())
async def caller(request: Request) -> SignedInCaller:
    """Name and scopes of the caller's API key."""
    if key := request.state.caller:
        return SignedInCaller(name=key.name, scopes=sorted(key.scopes), access="keys")
    return SignedInCaller(name="", scopes=[scope for scope in SCOPES if scope in WITHOUT_KEY], access="open")


def _require_known(model: str, service: Service, context: ConsoleContext) -> None:
    """Check the name before it reaches a database: some databases reject NUL characters. Raises NoChampion."""
    if len(model) > MAX_NAME or not model.isprintable():
        raise NoChampion("no such model")
    context.require_known(model, service.champions)


def _other_models(model: str, service: Service) -> Collection[str]:
    return service.champions.served.expected.keys() - {model}


def _vocabulary(model: str, service: Service, context: ConsoleContext) -> AllowedCells:
    """The labels that may be learnt; any label if the model is not declared any more."""
    if (spec := context.declared().get(model)) is None:
        return ANY_LABEL
    return context.totals.of(("vocabulary", model), lambda: service.store.vocabulary(model, spec.target))


def _to_messages(messages: Sequence[message_list.Message]) -> list[MessageBody]:
    return [
        MessageBody(**_prediction(message.prediction), **(vars(message) | {"said": _feedback(message)}))
        for message in messages
    ]


def _prediction(prediction: Prediction) -> dict[str, Any]:
    return vars(prediction) | {"scores": prediction.payload}


def _feedback(message: message_list.Message) -> list[MessageFeedback]:
    return [replace(row, customer=row.customer and row.customer[:HASH_DIGITS]) for row in message.said]
