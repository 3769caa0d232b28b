"""What a person with an admin's key decides: promote, roll back. The command line does it; the ledger tells the end."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from pipelines.ingestion.text import normalise
from pipelines.ledger.queries import crowns
from pipelines.masking.mask import mask
from pipelines.promotion.preconditions import ChampionChanged, require_champion
from pipelines.serving.api.examples import shown
from pipelines.serving.api.schemas import Body, refusals
from pipelines.serving.console.background_commands import Task
from pipelines.serving.console.console_context import AtDesk
from pipelines.serving.console.console_schemas import Number, Reason
from pipelines.serving.console.history import judged, way_back
from pipelines.serving.middleware.route_scopes import require_scopes

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
    """A command that was started here; `code`: null while it runs, 0 done, 3 refused, -1 not known, else it failed."""

    model: str
    what: str
    started: datetime
    code: int | None
    said: str


class Tasks(BaseModel):
    """The last command for each model."""

    tasks: list[Started]


@router.post("/v1/models/{model}/promote", status_code=202, responses=REFUSED, openapi_extra=require_scopes("admin"))
def promote(model: str, wanted: Promotion, desk: AtDesk, request: Request) -> Started:
    """Have a version judged once more, in the background; with a reason it is promoted whatever the gate says."""
    judged(desk.entries(model), wanted.version)
    require_champion(desk.entries(model), model, wanted.champion)
    if wanted.version == wanted.champion:
        raise ChampionChanged(f"version {wanted.version} is the champion already")
    forced = (f"--override={_said(wanted.reason)}",) if wanted.reason else ()
    asked = (f"--version={wanted.version}", *_told(wanted, request), *forced)
    return _started(desk.work.start(model, "promote", *asked))


@router.post("/v1/models/{model}/rollback", status_code=202, responses=REFUSED, openapi_extra=require_scopes("admin"))
def rollback(model: str, wanted: Return, desk: AtDesk, request: Request) -> Started:
    """Go back to an earlier champion, in the background, once it has answered in a fresh process."""
    entries = desk.entries(model)
    require_champion(entries, model, wanted.champion)
    to = wanted.to or way_back(entries, model)
    if to is None or to not in {one.version for one in entries if crowns(one)} - {wanted.champion}:
        raise ChampionChanged(f"{model!r} has no way back" + (f" to version {to}" if to else ""))
    asked = (f"--to={to}", *_told(wanted, request), f"--reason={_said(wanted.reason)}")
    return _started(desk.work.start(model, "rollback", *asked))


@router.get("/v1/work", openapi_extra=require_scopes("review"))
def work(desk: AtDesk, request: Request) -> Tasks:
    """The last command that was started here for each model; what a failed one said is for admins."""
    caller = request.state.caller
    tells = caller is None or caller.may({"admin"})
    told = [_started(one) for one in desk.work.tasks()]
    return Tasks(tasks=told if tells else [one.model_copy(update={"said": ""}) for one in told])


def _told(wanted: Promotion | Return, request: Request) -> tuple[str, str]:
    """What the command has to know: which version must still be champion when its turn comes, and who decided."""
    return f"--champion={wanted.champion or 0}", f"--by={request.state.caller.name}"


def _said(reason: str) -> str:
    """Kept for ever, and seen by whoever lists processes: masked before it leaves."""
    return mask(normalise(reason))


def _started(task: Task) -> Started:
    note = task.note
    return Started(model=note.model, what=note.what, started=note.started, code=task.code, said=task.said)
