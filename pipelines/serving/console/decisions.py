"""Routes to promote and roll back, for keys with the scope admin: they start a command; the ledger has its result."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from pipelines.ingestion.text import normalise
from pipelines.ledger.queries import promotes
from pipelines.masking.mask import mask
from pipelines.promotion.preconditions import ChampionChanged, require_champion
from pipelines.serving.api.examples import examples_schema
from pipelines.serving.api.schemas import Body, refusals
from pipelines.serving.console.background_commands import BackgroundCommand
from pipelines.serving.console.console_context import ContextDependency
from pipelines.serving.console.console_schemas import Number, Reason
from pipelines.serving.console.history import decision_entry, rollback_version
from pipelines.serving.middleware.route_scopes import require_scopes

router = APIRouter(tags=["console"])
REFUSED = refusals(404, 409, 503)


class PromotionRequest(Body):
    """The version to judge again; `champion` is the present one, as the page showed it to the person who decides.

    With a `reason` it is promoted even if the gate refuses it.
    """

    model_config = ConfigDict(json_schema_extra=examples_schema({"version": 2, "champion": 3}))

    version: Number
    champion: Number | None
    reason: Reason | None = None


class RollbackRequest(Body):
    """A return to an earlier champion: the one before the present `champion`, or version `to`."""

    model_config = ConfigDict(json_schema_extra=examples_schema({"champion": 3, "reason": "it insults people"}))

    champion: Number
    reason: Reason
    to: Number | None = None


class CommandStatus(BaseModel):
    """A command that was started here; `code`: null while it runs, 0 done, 3 refused, -1 unknown, else it failed."""

    model: str
    what: str
    started: datetime
    code: int | None
    said: str


class CommandList(BaseModel):
    """The last command for each model."""

    tasks: list[CommandStatus]


@router.post("/v1/models/{model}/promote", status_code=202, responses=REFUSED, openapi_extra=require_scopes("admin"))
def promote(model: str, body: PromotionRequest, context: ContextDependency, request: Request) -> CommandStatus:
    """Judge a version once more, in the background; with a reason it is promoted even if the gate refuses it."""
    decision_entry(context.entries(model), body.version)
    require_champion(context.entries(model), model, body.champion)
    if body.version == body.champion:
        raise ChampionChanged(f"version {body.version} is the champion already")
    override = (f"--override={_masked(body.reason)}",) if body.reason else ()
    options = (f"--version={body.version}", *_common_options(body, request), *override)
    return _status(context.commands.start(model, "promote", *options))


@router.post("/v1/models/{model}/rollback", status_code=202, responses=REFUSED, openapi_extra=require_scopes("admin"))
def rollback(model: str, body: RollbackRequest, context: ContextDependency, request: Request) -> CommandStatus:
    """Return to an earlier champion, in the background, once it has answered in a fresh process."""
    entries = context.entries(model)
    require_champion(entries, model, body.champion)
    to = body.to or rollback_version(entries, model)
    if to is None or to not in {entry.version for entry in entries if promotes(entry)} - {body.champion}:
        target = f"version {to}" if to else "an earlier champion"
        raise ChampionChanged(f"{model!r} cannot be rolled back to {target}: it was not champion before")
    options = (f"--to={to}", *_common_options(body, request), f"--reason={_masked(body.reason)}")
    return _status(context.commands.start(model, "rollback", *options))


@router.get("/v1/work", openapi_extra=require_scopes("review"))
def commands(context: ContextDependency, request: Request) -> CommandList:
    """The last command that was started here for each model; the error of a failed one is shown to admins only."""
    caller = request.state.caller
    is_admin = caller is None or caller.may({"admin"})
    rows = [_status(command) for command in context.commands.commands()]
    return CommandList(tasks=rows if is_admin else [row.model_copy(update={"said": ""}) for row in rows])


def _common_options(body: PromotionRequest | RollbackRequest, request: Request) -> tuple[str, str]:
    """The version that must still be champion when the command runs, and the name of the person's key."""
    return f"--champion={body.champion or 0}", f"--by={request.state.caller.name}"


def _masked(reason: str) -> str:
    """The reason without personal data: the ledger keeps it for ever, and a list of processes shows it."""
    return mask(normalise(reason))


def _status(command: BackgroundCommand) -> CommandStatus:
    record = command.record
    return CommandStatus(
        model=record.model,
        what=record.command,
        started=record.started,
        code=command.exit_code,
        said=command.error,
    )
