"""Whoever asks in the words of a protocol is refused in its words, wherever in the service the refusal comes from."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.protocols.tensors import NO_BINARY

Form = Callable[[int, str], dict[str, str]]
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
    """Turns `{"detail": ...}` into `{"error": ...}` below /v2, and into MLflow's two fields at /invocations."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a refusal translated where the path is a protocol's."""
        form = _form(scope["path"]) if scope["type"] == "http" else None
        if form is None:
            await self.app(scope, receive, send)
        elif BINARY in Headers(scope=scope):
            await JSONResponse(form(400, NO_BINARY), 400)(scope, receive, send)
        else:
            _name_type(scope)
            await self.app(scope, receive, _translated(send, form, scope, receive))


def _form(path: str) -> Form | None:
    if path == "/v2" or path.startswith("/v2/"):
        return lambda _, said: {"error": said}
    if path == "/invocations":
        return lambda status, said: {"error_code": CODES.get(status, "BAD_REQUEST"), "message": said}
    return None


def _name_type(scope: Scope) -> None:
    """Triton's client does not say that it sends JSON. A web page could do the same, but its browser adds an Origin."""
    headers = MutableHeaders(scope=scope)
    if "content-type" not in headers and "origin" not in headers:
        headers["content-type"] = "application/json"


def _translated(send: Send, form: Form, scope: Scope, receive: Receive) -> Send:
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
                await _answer(start, body, form)(scope, receive, send)

    return translated


def _answer(start: Message, body: bytes, form: Form) -> JSONResponse:
    # The protocols know no 422: a request that they cannot read is a bad one.
    status = 400 if start["status"] == 422 else start["status"]
    kept = {name: value for name, value in Headers(raw=start["headers"]).items() if not name.startswith("content-")}
    return JSONResponse(form(status, _said(body)), status, kept)


def _said(body: bytes) -> str:
    """The detail as one line; a refusal in another form as it stands."""
    try:
        detail: Any = json.loads(body)["detail"]
    except (ValueError, LookupError, TypeError):
        return body.decode(errors="replace")
    if isinstance(detail, str):
        return detail
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in detail)
