"""Refusals in one form, `{"detail": ...}`, which say what to do and repeat nothing that was sent."""

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.kinds.wire import UnfitLabel
from pipelines.serving.engine.store_health import UNKEPT, StoreUnavailable
from pipelines.serving.engine.unanswerable import ClientDisconnected, EmptyText
from pipelines.serving.engine.worker_threads import Overloaded
from pipelines.serving.models.champions import NoChampion, NotLoaded
from pipelines.store.feedback_rows import KeyReused, UnknownPrediction
from pipelines.store.quota import AnswerFull, SenderFull

log = logging.getLogger(__name__)

# Of what is wrong with one request: enough to mend it, and no answer that is larger than the question.
SHOWN = 20
# 499, as nginx counts it: nobody receives it, and the log shows who left.
STATUS: Mapping[type[Exception], int] = {
    NoChampion: 404,
    UnknownPrediction: 404,
    KeyReused: 409,
    ClientDisconnected: 499,
    AnswerFull: 409,
    NotLoaded: 503,
    StoreUnavailable: 503,
}
RETRY = {"Retry-After": "5"}  # seconds


def handle_errors(app: FastAPI) -> None:
    """Give every foreseen error its status."""
    for error in STATUS:
        app.add_exception_handler(error, _refuse)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnfitLabel, _unfit_label)
    app.add_exception_handler(EmptyText, _blank)
    app.add_exception_handler(Overloaded, _crowded)
    app.add_exception_handler(SenderFull, _sender_full)


class Shield:
    """An unforeseen error becomes a plain 500. Its message may hold a text: logged are its type, place and route.

    One that a full, read-only or damaged disk is to blame for becomes 503: it is over when that is.
    """

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self.app, self._api = app, api

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
            if self._api.state.service.health.blame(error):
                refusal = JSONResponse({"detail": UNKEPT}, 503, RETRY)
            else:
                place = "".join(traceback.format_tb(error.__traceback__))
                route = scope.get("state", {}).get("route")
                log.error("%s raised %s at\n%s", route, type(error).__name__, place)
                refusal = JSONResponse({"detail": "an error of ours, now in our log"}, 500)
            if not begun:
                await refusal(scope, receive, send)


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    status = STATUS[type(error)]
    return JSONResponse({"detail": str(error)}, status, RETRY if status == 503 else None)


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


async def _sender_full(_request: Request, error: Exception) -> JSONResponse:
    seconds = error.seconds if isinstance(error, SenderFull) else 1
    return JSONResponse({"detail": str(error)}, 429, {"Retry-After": str(seconds)})


async def _blank(_request: Request, error: Exception) -> JSONResponse:
    places = error.places if isinstance(error, EmptyText) else ()
    shown = [{"loc": ["body", "texts", place], "msg": str(error), "type": "blank"} for place in places]
    return JSONResponse({"detail": shown}, 422)
