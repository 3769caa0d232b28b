"""Routes of the page Models: a model's history, a version's scorecard, pictures and card, and changed answers."""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field
from starlette.responses import FileResponse

from pipelines.serving.api.schemas import Responses, refusals
from pipelines.serving.console import scorecards
from pipelines.serving.console.changes import Changes, changes
from pipelines.serving.console.console_context import ConsoleContext, ContextDependency
from pipelines.serving.console.console_schemas import LARGEST
from pipelines.serving.console.history import History, Version, decision_entry, history, version
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.service import ServiceDependency

router = APIRouter(tags=["console"])

Number = Annotated[int, PathParameter(ge=1, le=LARGEST)]
Picture = Literal["confusion", "reliability"]
PICTURES: tuple[Picture, ...] = ("confusion", "reliability")
HTML: Responses = {200: {"content": {"text/html": {}}, "description": "An HTML page without references to other files"}}
PNG: Responses = {200: {"content": {"image/png": {}}, "description": "A PNG image"}}


class VersionEvidence(BaseModel):
    """A version, the scorecard that its decision is based on, and the names of its pictures.

    `scorecard.measures` has all figures, each with the limit of the gate at that time; beside it are tables and lists.
    """

    version: Version
    scorecard: dict[str, Any] | None
    pictures: list[str]
    card: Annotated[bool, Field(description="true if its model card was written")]


class NoSuchFile(LookupError):
    """A picture or a model card that was never written, or was deleted."""


@router.get("/v1/models/{model}/history", responses=refusals(404, 503), openapi_extra=require_scopes("review"))
def read_history(model: str, service: ServiceDependency, context: ContextDependency) -> History:
    """Versions and the ledger's entries, newest first; both are empty for a declared model without a decision."""
    entries = context.entries(model)
    context.require_known(model, service.champions)
    return history(model, entries)


@router.get(
    "/v1/models/{model}/versions/{number}", responses=refusals(404, 503), openapi_extra=require_scopes("review")
)
def scorecard(model: str, number: Number, context: ContextDependency) -> VersionEvidence:
    """The scorecard of a version; if it cannot be shown, it is null and `version.faults` says why."""
    entries = context.entries(model)
    judged = version(entries, number)
    document = None if judged.faults else scorecards.scorecard(decision_entry(entries, number)).document()
    pictures = [name for name in PICTURES if _picture_file(context, model, number, name).exists()]
    has_card = _card_file(context, model, number).exists()
    return VersionEvidence(version=judged, scorecard=document, pictures=pictures, card=has_card)


@router.get(
    "/v1/models/{model}/versions/{number}/pictures/{picture}",
    response_class=FileResponse,
    responses=PNG | refusals(404, 503),
    openapi_extra=require_scopes("review"),
)
def picture(model: str, number: Number, picture: Picture, context: ContextDependency) -> FileResponse:
    """A picture of the scorecard of a version that the ledger knows."""
    version(context.entries(model), number)
    file = _picture_file(context, model, number, picture)
    if not file.is_file():
        raise NoSuchFile(f"version {number} has no picture {picture!r}")
    return FileResponse(file, media_type="image/png")


@router.get(
    "/v1/models/{model}/versions/{number}/card",
    response_class=FileResponse,
    responses=HTML | refusals(404, 503),
    openapi_extra=require_scopes("review"),
)
def model_card(model: str, number: Number, context: ContextDependency) -> FileResponse:
    """A version's model card as a download, as `needloop explain` writes it."""
    version(context.entries(model), number)
    file = _card_file(context, model, number)
    if not file.is_file():
        raise NoSuchFile(f"version {number} has no model card: run needloop explain to write it")
    return FileResponse(file, media_type="text/html", filename=f"{model}-{number}.html")


@router.get(
    "/v1/models/{model}/changes/{before}/{after}", responses=refusals(404, 503), openapi_extra=require_scopes("review")
)
def changed_answers(model: str, before: Number, after: Number, context: ContextDependency) -> Changes:
    """The held-out texts that two versions answer differently: lost, gained, or wrong both times."""
    return changes(context.entries(model), before, after)


def _card_file(context: ConsoleContext, model: str, number: int) -> Path:
    return context.workspace.files.cards / model / f"{number}.html"


def _picture_file(context: ConsoleContext, model: str, number: int, name: Picture) -> Path:
    return context.workspace.files.scorecards / model / str(number) / f"{name}.png"
