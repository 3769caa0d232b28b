"""Refusals in one form, `{"detail": ...}`, which say what to do and repeat nothing that was sent."""

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.champions import NoChampion, NotLoaded
from pipelines.serving.feedback import UnfitLabel
from pipelines.serving.unsaid import Blank
from pipelines.serving.workers import Crowded
from pipelines.store.feedback import KeyReused, UnknownPrediction

log = logging.getLogger(__name__)

# Of what is wrong with one request: enough to mend it, and no answer that is larger than the question.
SHOWN = 20
STATUS: Mapping[type[Exception], int] = {NoChampion: 404, UnknownPrediction: 404, KeyReused: 409, NotLoaded: 503}


def handle_errors(app: FastAPI) -> None:
    """Give every foreseen error its status."""
    for error in STATUS:
        app.add_exception_handler(error, _refuse)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnfitLabel, _unfit_label)
    app.add_exception_handler(Blank, _blank)
    app.add_exception_handler(Crowded, _crowded)


class Shield:
    """An unforeseen error becomes a plain 500. Its message may hold a text: logged are its type, place and route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer for what it raises."""
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sent)
        # The edge of the process: whatever it is, it is logged without its message and answered.
        except Exception as error:  # no failure may show its trace, or a text, to whoever asked
            if scope["type"] != "http":
                raise
            place = "".join(traceback.format_tb(error.__traceback__))
            route = scope.get("state", {}).get("route")
            log.error("%s raised %s at\n%s", route, type(error).__name__, place)
            if not begun:
                await JSONResponse({"detail": "an error of ours, now in our log"}, 500)(scope, receive, send)


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, STATUS[type(error)])


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return JSONResponse({"detail": [_shown(one) for one in found[:SHOWN]]}, 422)


def _shown(error: Mapping[str, Any]) -> dict[str, Any]:
    if error["type"] == "extra_forbidden":
        # The place is the name that was sent.
        return {"loc": error["loc"][:-1], "msg": "there is a field nobody knows", "type": error["type"]}
    return {"loc": error["loc"], "msg": error["msg"].removeprefix("Value error, "), "type": error["type"]}


async def _unfit_label(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": [{"loc": ["body", "label"], "msg": str(error), "type": "label"}]}, 422)


async def _crowded(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 429, {"Retry-After": "1"})


async def _blank(_request: Request, error: Exception) -> JSONResponse:
    places = error.places if isinstance(error, Blank) else ()
    shown = [{"loc": ["body", "texts", place], "msg": str(error), "type": "blank"} for place in places]
    return JSONResponse({"detail": shown}, 422)
