"""Mounts the console on the application: routes, static files and error statuses."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from pipelines.ledger.chain import BrokenLedger
from pipelines.promotion.preconditions import ChampionChanged
from pipelines.serving.api.errors import RETRY
from pipelines.serving.console import decisions, loop_status, messages, models, static_files
from pipelines.serving.console.background_commands import Busy
from pipelines.serving.console.console_context import ConsoleContext
from pipelines.serving.console.history import NoSuchVersion
from pipelines.serving.console.loop_schemas import Links
from pipelines.serving.console.models import NoSuchFile
from pipelines.store.feedback_rows import UnknownFeedback
from pipelines.workspace.workspace import Workspace

STATUS: dict[type[Exception], int] = {
    UnknownFeedback: 404,
    NoSuchVersion: 404,
    NoSuchFile: 404,
    ChampionChanged: 409,
    Busy: 409,
    BrokenLedger: 503,
}


def mount_console(api: FastAPI, workspace: Workspace, links: Links) -> None:
    """Add the page, its files and routes, and the statuses of their errors."""
    api.state.console = ConsoleContext(workspace, links)
    for module in (messages, models, decisions, loop_status, static_files):
        api.include_router(module.router)
    api.mount("/static", static_files.files)
    for error in STATUS:
        api.add_exception_handler(error, _error_response)


async def _error_response(_request: Request, error: Exception) -> JSONResponse:
    status = STATUS[type(error)]
    return JSONResponse({"detail": str(error)}, status, RETRY if status == 503 else None)
