"""Messages to read and to label: `GET .../messages`, `GET .../review`, `POST /v1/feedback/undo`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from pipelines.serving.api.schemas import refusals
from pipelines.serving.console.console_context import AtDesk, ConsoleContext
from pipelines.serving.console.console_schemas import Caller, Message, Page, Undo, Undone
from pipelines.serving.middleware.route_scopes import WITHOUT_KEY, require_scopes
from pipelines.serving.models.champions import NoChampion
from pipelines.serving.service import Open, Service
from pipelines.store.key_scopes import SCOPES
from pipelines.store.message_list import Message as Found
from pipelines.store.message_list import Said
from pipelines.store.predictions import Prediction
from pipelines.store.votes import ANY, Vocabulary

router = APIRouter(tags=["console"])

Limit = Annotated[int, Query(ge=1, le=200)]
LONGEST = 40
DIGITS = 12  # of a customer's hash: enough to tell one from another
Before = Annotated[str | None, Query(max_length=100, pattern=r"^[!-~]+$", description="the `older` of a page")]


@router.get("/v1/models/{model}/messages", responses=refusals(404, 503), openapi_extra=require_scopes("review"))
def messages(model: str, service: Open, desk: AtDesk, limit: Limit = 50, before: Before = None) -> Page:
    """The newest messages first, a page at a time; deep down a page takes no longer than at the top."""
    known = _known(model, service, desk)
    newest = service.store.messages(known, limit, before, _others(model, service), _vocabulary(known, service, desk))
    return Page(messages=_shown(newest), older=newest[-1].prediction.id if len(newest) == limit else None)


@router.get("/v1/models/{model}/review", responses=refusals(404, 503), openapi_extra=require_scopes("review"))
def review(model: str, service: Open, desk: AtDesk, limit: Limit = 50) -> Page:
    """What to label next, the most useful first, each text once, of the newest 5,000 messages nobody has labelled.

    First come those that people gave several labels with as many votes, however old, then those that somebody called
    wrong, then those where the model abstained, then those whose two most probable labels lie closest.
    """
    known = _known(model, service, desk)
    queue = service.store.review(known, limit, _others(model, service), _vocabulary(known, service, desk))
    return Page(messages=_shown(queue))


@router.post("/v1/feedback/undo", responses=refusals(404), openapi_extra=require_scopes("feedback", "review"))
def undo(said: Undo, service: Open) -> Undone:
    """Take feedback back for good: it stays on record and is never learnt from. Once is as often as twice."""
    return Undone(id=said.feedback, undone=service.store.undo(said.feedback))


@router.get("/v1/caller", openapi_extra=require_scopes())
async def caller(request: Request) -> Caller:
    """Who asks, and what that key may do."""
    if known := request.state.caller:
        return Caller(name=known.name, scopes=sorted(known.scopes), access="keys")
    return Caller(name="", scopes=[one for one in SCOPES if one in WITHOUT_KEY], access="open")


def _known(model: str, service: Service, desk: ConsoleContext) -> str:
    """What can be no name of a model reaches no database: some take no NUL. Raises NoChampion."""
    if len(model) > LONGEST or not model.isprintable():
        raise NoChampion("no such model")
    desk.require_known(model, service.champions)
    return model


def _others(model: str, service: Service) -> Collection[str]:
    return service.champions.board.named.keys() - {model}


def _vocabulary(model: str, service: Service, desk: ConsoleContext) -> Vocabulary:
    """The labels that may be learnt; any of a model that is declared no more."""
    if (spec := desk.declared().get(model)) is None:
        return ANY
    return desk.counts.of(("vocabulary", model), lambda: service.store.vocabulary(model, spec.target))


def _shown(found: Sequence[Found]) -> list[Message]:
    return [Message(**_answer(one.prediction), **(vars(one) | {"said": _said(one)})) for one in found]


def _answer(prediction: Prediction) -> dict[str, Any]:
    return vars(prediction) | {"scores": prediction.payload}


def _said(one: Found) -> list[Said]:
    return [replace(said, customer=said.customer and said.customer[:DIGITS]) for said in one.said]
