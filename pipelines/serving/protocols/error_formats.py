"""Error formats of the protocols: errors of the whole service are translated on the protocols' paths."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.protocols.tensors import NO_BINARY

Format = Callable[[int, str], dict[str, str]]
BINARY = "inference-header-content-length"
CODES: Mapping[int, str] = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}


class ErrorFormats:
    """Translates `{"detail": ...}` into `{"error": ...}` below /v2, and into MLflow's two fields at /invocations."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and translate an error response on a protocol's path."""
        error_format = _error_format(scope["path"]) if scope["type"] == "http" else None
        if error_format is None:
            await self.app(scope, receive, send)
        elif BINARY in Headers(scope=scope):
            await JSONResponse(error_format(400, NO_BINARY), 400)(scope, receive, send)
        else:
            _set_content_type(scope)
            await self.app(scope, receive, _translated(send, error_format, scope, receive))


def _error_format(path: str) -> Format | None:
    if path == "/v2" or path.startswith("/v2/"):
        return lambda _, detail: {"error": detail}
    if path == "/invocations":
        return lambda status, detail: {"error_code": CODES.get(status, "BAD_REQUEST"), "message": detail}
    return None


def _set_content_type(scope: Scope) -> None:
    """Add the content type that Triton's client omits; not for browsers, whose requests have an Origin."""
    headers = MutableHeaders(scope=scope)
    if "content-type" not in headers and "origin" not in headers:
        headers["content-type"] = "application/json"


def _translated(send: Send, error_format: Format, scope: Scope, receive: Receive) -> Send:
    start: Message | None = None
    body = b""

    async def translated(message: Message) -> None:
        nonlocal start, body
        if message["type"] == "http.response.start" and message["status"] >= 400:
            start = message
        elif start is None:
            await send(message)
        else:
            body += message.get("body", b"")
            if not message.get("more_body", False):
                await _response(start, body, error_format)(scope, receive, send)

    return translated


def _response(start: Message, body: bytes, error_format: Format) -> JSONResponse:
    # The protocols have no status 422: an invalid request gets 400.
    status = 400 if start["status"] == 422 else start["status"]
    headers = {name: value for name, value in Headers(raw=start["headers"]).items() if not name.startswith("content-")}
    return JSONResponse(error_format(status, _detail(body)), status, headers)


def _detail(body: bytes) -> str:
    """The detail as one line; a body without `detail` unchanged."""
    try:
        detail: Any = json.loads(body)["detail"]
    except (ValueError, LookupError, TypeError):
        return body.decode(errors="replace")
    if isinstance(detail, str):
        return detail
    return "; ".join(f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in detail)
