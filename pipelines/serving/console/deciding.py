"""What a person with an admin's key decides: promote, roll back. The command line does it; the ledger tells the end."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from pipelines.ingestion.text import normalise
from pipelines.ledger import crowned
from pipelines.masking.mask import mask
from pipelines.serving.bodies import Body, refusals
from pipelines.serving.console.bodies import Number, Reason
from pipelines.serving.console.desk import AtDesk, Desk
from pipelines.serving.console.history import judged, way_back
from pipelines.serving.console.work import Task
from pipelines.serving.examples import shown
from pipelines.serving.needs import needs

router = APIRouter(tags=["console"])
REFUSED = refusals(404, 409, 503)


class Promotion(Body):
    """Which version to judge again; `champion` is the one that stands, as whoever decides sees it.

    With a `reason` it is promoted whatever the gate says.
    """

    model_config = ConfigDict(json_schema_extra=shown({"version": 2, "champion": 3}))

    version: Number
    champion: Number | None
    reason: Reason | None = None


class Return(Body):
    """Back to an earlier champion: the one before, or version `to`."""

    model_config = ConfigDict(json_schema_extra=shown({"champion": 3, "reason": "it insults people"}))

    champion: Number
    reason: Reason
    to: Number | None = None


class Started(BaseModel):
    """A command that was started here; `code` is null while it runs, 0 done, 3 refused, else it failed."""

    model: str
    what: str
    started: datetime
    code: int | None
    said: str


class Tasks(BaseModel):
    """The last command for each model."""

    tasks: list[Started]


class Stale(RuntimeError):
    """Something that is decided on what is no longer so."""


@router.post("/v1/models/{model}/promote", status_code=202, responses=REFUSED, openapi_extra=needs("admin"))
def promote(model: str, wanted: Promotion, desk: AtDesk) -> Started:
    """Have a version judged once more, in the background; with a reason it is promoted whatever the gate says."""
    judged(desk.entries(model), wanted.version)
    _require(desk, model, wanted.champion)
    if wanted.version == wanted.champion:
        raise Stale(f"version {wanted.version} is the champion already")
    forced = (f"--override={_said(wanted.reason)}",) if wanted.reason else ()
    return _shown(desk.work.start(model, "promote", f"--version={wanted.version}", *forced))


@router.post("/v1/models/{model}/rollback", status_code=202, responses=REFUSED, openapi_extra=needs("admin"))
def rollback(model: str, wanted: Return, desk: AtDesk) -> Started:
    """Go back to an earlier champion, in the background, once it has answered in a fresh process."""
    entries = desk.entries(model)
    _require(desk, model, wanted.champion)
    to = wanted.to or way_back(entries, model)
    if to is None or to not in {one.version for one in entries if one.crowns} - {wanted.champion}:
        raise Stale(f"{model!r} has no way back" + (f" to version {to}" if to else ""))
    return _shown(desk.work.start(model, "rollback", f"--to={to}", f"--reason={_said(wanted.reason)}"))


@router.get("/v1/work", openapi_extra=needs("review"))
def work(desk: AtDesk) -> Tasks:
    """The last command that was started here for each model."""
    return Tasks(tasks=[_shown(one) for one in desk.work.tasks.values()])


def _require(desk: Desk, model: str, champion: int | None) -> None:
    """Whoever decides on a page of yesterday is told."""
    now = crowned(desk.entries(model)).get(model)
    if champion != (now.version if now else None):
        raise Stale(f"the champion of {model!r} is {now.version if now else 'none'} now: look again, then decide")


def _said(reason: str) -> str:
    """Kept for ever, and seen by whoever lists processes: masked before it leaves."""
    return mask(normalise(reason))


def _shown(task: Task) -> Started:
    return Started.model_validate(task, from_attributes=True)
