"""Error responses in one form, `{"detail": ...}`; they repeat no sent value."""

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.kinds.wire import UnfitLabel
from pipelines.runtime.field_errors import field_words
from pipelines.serving.api.json_bodies import INVALID
from pipelines.serving.engine.store_health import NOT_RECORDED, StoreUnavailable
from pipelines.serving.engine.unanswerable import ClientDisconnected, EmptyText
from pipelines.serving.engine.worker_threads import Overloaded
from pipelines.serving.models.champions import NoChampion, NotLoaded
from pipelines.store.feedback_rows import KeyReused, UnknownPrediction
from pipelines.store.quota import AnswerFull, SenderFull

log = logging.getLogger(__name__)

# Most validation errors of one response: it must not become larger than its request.
MAX_SHOWN = 20
# 499 is nginx's status of a client that disconnected: it appears only in the log and the metrics.
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
INTERNAL_ERROR = "internal error: the service has logged it; the request may be retried"


def handle_errors(app: FastAPI) -> None:
    """Register a handler for every expected error."""
    for error in STATUS:
        app.add_exception_handler(error, _refuse)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnfitLabel, _unfit_label)
    app.add_exception_handler(EmptyText, _empty_text)
    app.add_exception_handler(Overloaded, _overloaded)
    app.add_exception_handler(SenderFull, _sender_full)


class ErrorBoundary:
    """Turns an unexpected error into 500, or into 503 if a full, read-only or damaged disk caused it.

    The log gets its type, traceback and route, but not its message, which may contain a text.
    """

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self.app, self._api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and respond to an error if no response has started."""
        started = False

        async def track(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, track)
        # The outermost handler: any error is logged without its message.
        except Exception as error:  # no response may contain a traceback or a text
            if scope["type"] != "http":
                raise
            if self._api.state.service.health.note_failure(error):
                refusal = JSONResponse({"detail": NOT_RECORDED}, 503, RETRY)
            else:
                trace = "".join(traceback.format_tb(error.__traceback__))
                route = scope.get("state", {}).get("route")
                log.error("%s raised %s at\n%s", route, type(error).__name__, trace)
                refusal = JSONResponse({"detail": INTERNAL_ERROR}, 500)
            if not started:
                await refusal(scope, receive, send)


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    status = STATUS[type(error)]
    return JSONResponse({"detail": str(error)}, status, RETRY if status == 503 else None)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return JSONResponse({"detail": [_to_detail(row) for row in errors[:MAX_SHOWN]]}, 422)


def _to_detail(error: Mapping[str, Any]) -> dict[str, Any]:
    location, kind = list(error["loc"]), error["type"]
    if kind == "extra_forbidden":
        # The last part of the location is the field name that was sent.
        return {"loc": location[:-1], "msg": "unknown field", "type": kind}
    if kind == INVALID:
        place = f" (at character {location[1]})" if len(location) > 1 else ""
        return {"loc": location[:1], "msg": f"{field_words(error)}{place}", "type": kind}
    return {"loc": location, "msg": field_words(error), "type": kind}


async def _unfit_label(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": [{"loc": ["body", "label"], "msg": str(error), "type": "label"}]}, 422)


async def _overloaded(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 429, {"Retry-After": "1"})


async def _sender_full(_request: Request, error: Exception) -> JSONResponse:
    seconds = error.seconds if isinstance(error, SenderFull) else 1
    return JSONResponse({"detail": str(error)}, 429, {"Retry-After": str(seconds)})


async def _empty_text(_request: Request, error: Exception) -> JSONResponse:
    indices = error.indices if isinstance(error, EmptyText) else ()
    details = [{"loc": ["body", "texts", index], "msg": str(error), "type": "blank"} for index in indices]
    return JSONResponse({"detail": details}, 422)
