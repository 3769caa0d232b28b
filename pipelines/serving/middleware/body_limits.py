"""Limits of request bodies: JSON of at most 4 MiB."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.middleware.origins import READ_METHODS
from pipelines.serving.middleware.route_scopes import NO_ROUTE

MAX_BYTES = 4 * 2**20
TOO_LARGE = f"a body may have {MAX_BYTES} bytes at most: send the texts in several requests"
COMPRESSED = "send the body as it is, without `Content-Encoding`"
NOT_JSON = "send JSON, with the header `Content-Type: application/json`"


class BodyLimits:
    """Refuses with 415 or 413; a body larger than its Content-Length is cut off while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on with a limit on its body."""
        # A request without a route gets 404 rather than a refusal of its body.
        if scope["type"] != "http" or scope["method"] in READ_METHODS or scope["state"]["route"] == NO_ROUTE:
            await self.app(scope, receive, send)
        elif refusal := _refusal(dict(scope["headers"])):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, _limited(receive), send)


def _refusal(headers: Mapping[bytes, bytes]) -> JSONResponse | None:
    # A web page of another site can send any other type without asking the browser first.
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        return JSONResponse({"detail": NOT_JSON}, 415)
    if headers.get(b"content-encoding", b"").strip().lower() not in (b"", b"identity"):
        return JSONResponse({"detail": COMPRESSED}, 415)
    size = headers.get(b"content-length", b"0")
    if size.isdigit() and int(size) > MAX_BYTES:
        return JSONResponse({"detail": TOO_LARGE}, 413)
    return None


def _limited(receive: Receive) -> Receive:
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BYTES:
            raise HTTPException(413, TOO_LARGE)
        return message

    return limited
