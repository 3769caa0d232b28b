"""How the console is joined to the application."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from pipelines.ledger.chain import BrokenLedger
from pipelines.promotion.standing import Stale
from pipelines.serving.console import deciding, loop, messages, models, page
from pipelines.serving.console.circuit import Links
from pipelines.serving.console.desk import Desk
from pipelines.serving.console.history import UnknownVersion
from pipelines.serving.console.models import NoPicture
from pipelines.serving.console.work import Busy
from pipelines.serving.errors import RETRY
from pipelines.store.feedback import UnknownFeedback
from pipelines.workspace import Workspace

STATUS: dict[type[Exception], int] = {
    UnknownFeedback: 404,
    UnknownVersion: 404,
    NoPicture: 404,
    Stale: 409,
    Busy: 409,
    BrokenLedger: 503,
}


def join_console(api: FastAPI, workspace: Workspace, links: Links) -> None:
    """The page, its files, its routes and what they refuse."""
    api.state.desk = Desk(workspace, links)
    for part in (messages, models, deciding, loop, page):
        api.include_router(part.router)
    api.mount("/static", page.files)
    for error in STATUS:
        api.add_exception_handler(error, _refuse)


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    status = STATUS[type(error)]
    return JSONResponse({"detail": str(error)}, status, RETRY if status == 503 else None)
