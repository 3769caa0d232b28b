"""What became of each model: its history, what a version was judged by, and what changed between two."""

from pathlib import Path as File
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import FileResponse

from pipelines.serving.api.schemas import Responses, refusals
from pipelines.serving.console import scorecards
from pipelines.serving.console.changes import Changes, changes
from pipelines.serving.console.console_context import AtDesk
from pipelines.serving.console.console_schemas import LARGEST
from pipelines.serving.console.history import History, Version, history, judged, version
from pipelines.serving.middleware.route_scopes import require_scopes
from pipelines.serving.service import Open

router = APIRouter(tags=["console"])

Number = Annotated[int, Path(ge=1, le=LARGEST)]
Picture = Literal["confusion", "reliability"]
PICTURES: tuple[Picture, ...] = ("confusion", "reliability")
HTML: Responses = {200: {"content": {"text/html": {}}, "description": "A page that needs no other file"}}
PNG: Responses = {200: {"content": {"image/png": {}}, "description": "A PNG"}}


class Judged(BaseModel):
    """What a version was decided on: its scorecard as it was kept, and the pictures that are there.

    `scorecard.measures` are all figures, each with the limit that the gate of then set; beside them stand tables and
    lists by their names.
    """

    version: Version
    scorecard: dict[str, Any] | None
    pictures: list[str]
    card: Annotated[bool, Field(description="whether its model card was written")]


class NoPicture(LookupError):
    """A picture or a card that was not made, or is gone."""


@router.get("/v1/models/{model}/history", responses=refusals(404, 503), openapi_extra=require_scopes("review"))
def read(model: str, service: Open, desk: AtDesk) -> History:
    """Versions and the ledger's entries, the newest first; none of a declared model that nobody judged."""
    entries = desk.entries(model)
    desk.require_known(model, service.champions)
    return history(model, entries)


@router.get(
    "/v1/models/{model}/versions/{number}", responses=refusals(404, 503), openapi_extra=require_scopes("review")
)
def scorecard(model: str, number: Number, desk: AtDesk) -> Judged:
    """What a version was decided on; `version.faults` says why where it cannot be shown."""
    entries = desk.entries(model)
    about = version(entries, number)
    card = None if about.faults else scorecards.scorecard(judged(entries, number)).document()
    there = [name for name in PICTURES if _file(desk, model, number, name).exists()]
    return Judged(version=about, scorecard=card, pictures=there, card=_card(desk, model, number).exists())


@router.get(
    "/v1/models/{model}/versions/{number}/pictures/{picture}",
    response_class=FileResponse,
    responses=PNG | refusals(404, 503),
    openapi_extra=require_scopes("review"),
)
def picture(model: str, number: Number, picture: Picture, desk: AtDesk) -> FileResponse:
    """A picture of a version's scorecard: named by model, version and kind, which the ledger must know."""
    version(desk.entries(model), number)
    file = _file(desk, model, number, picture)
    if not file.is_file():
        raise NoPicture(f"version {number} has no picture {picture!r}")
    return FileResponse(file, media_type="image/png")


@router.get(
    "/v1/models/{model}/versions/{number}/card",
    response_class=FileResponse,
    responses=HTML | refusals(404, 503),
    openapi_extra=require_scopes("review"),
)
def model_card(model: str, number: Number, desk: AtDesk) -> FileResponse:
    """A version's model card, to be kept as a file: what `needloop explain` writes."""
    version(desk.entries(model), number)
    file = _card(desk, model, number)
    if not file.is_file():
        raise NoPicture(f"version {number} has no card: needloop explain writes it")
    return FileResponse(file, media_type="text/html", filename=f"{model}-{number}.html")


@router.get(
    "/v1/models/{model}/changes/{before}/{after}", responses=refusals(404, 503), openapi_extra=require_scopes("review")
)
def changed(model: str, before: Number, after: Number, desk: AtDesk) -> Changes:
    """The held-out texts that two versions answer differently: lost, gained, or wrong both times."""
    return changes(desk.entries(model), before, after)


def _card(desk: AtDesk, model: str, number: int) -> File:
    return desk.workspace.files.cards / model / f"{number}.html"


def _file(desk: AtDesk, model: str, number: int, name: Picture) -> File:
    return desk.workspace.files.scorecards / model / str(number) / f"{name}.png"
