"""How the console is joined to the application."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from pipelines.ledger import BrokenLedger
from pipelines.promotion.standing import Stale
from pipelines.serving.console import deciding, loop, messages, models, page
from pipelines.serving.console.desk import Desk
from pipelines.serving.console.history import UnknownVersion
from pipelines.serving.console.models import NoPicture
from pipelines.serving.console.work import Busy
from pipelines.settings import Settings
from pipelines.store.feedback import UnknownFeedback

STATUS: dict[type[Exception], int] = {
    UnknownFeedback: 404,
    UnknownVersion: 404,
    NoPicture: 404,
    Stale: 409,
    Busy: 409,
    BrokenLedger: 503,
}


def join_console(api: FastAPI, settings: Settings) -> None:
    """The page, its files, its routes and what they refuse."""
    api.state.desk = Desk(settings)
    for part in (messages, models, deciding, loop, page):
        api.include_router(part.router)
    api.mount("/static", page.files)
    for error in STATUS:
        api.add_exception_handler(error, _refuse)


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, STATUS[type(error)])
