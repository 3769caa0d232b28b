"""How the console is joined to the application."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from pipelines.home.workspace import Workspace
from pipelines.ledger.chain import BrokenLedger
from pipelines.promotion.preconditions import ChampionChanged
from pipelines.serving.api.errors import RETRY
from pipelines.serving.console import decisions, loop_status, messages, models, static_files
from pipelines.serving.console.background_commands import Busy
from pipelines.serving.console.console_context import ConsoleContext
from pipelines.serving.console.history import UnknownVersion
from pipelines.serving.console.loop_schemas import Links
from pipelines.serving.console.models import NoPicture
from pipelines.store.feedback_rows import UnknownFeedback

STATUS: dict[type[Exception], int] = {
    UnknownFeedback: 404,
    UnknownVersion: 404,
    NoPicture: 404,
    ChampionChanged: 409,
    Busy: 409,
    BrokenLedger: 503,
}


def mount_console(api: FastAPI, workspace: Workspace, links: Links) -> None:
    """The page, its files, its routes and what they refuse."""
    api.state.desk = ConsoleContext(workspace, links)
    for part in (messages, models, decisions, loop_status, static_files):
        api.include_router(part.router)
    api.mount("/static", static_files.files)
    for error in STATUS:
        api.add_exception_handler(error, _refuse)


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    status = STATUS[type(error)]
    return JSONResponse({"detail": str(error)}, status, RETRY if status == 503 else None)
