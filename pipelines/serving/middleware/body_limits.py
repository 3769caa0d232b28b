"""What a request may be before anybody reads it: JSON, and not more than four mebibytes of it."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving.middleware.origins import READING
from pipelines.serving.middleware.route_scopes import NO_ROUTE

BYTES = 4 * 2**20
TOO_LARGE = f"a body may have {BYTES} bytes at most: send the texts in several requests"
PACKED = "send the body as it is, without `Content-Encoding`"
NOT_JSON = "send JSON, with the header `Content-Type: application/json`"


class BodyLimits:
    """Refuses with 415 or 413; a body that lies about its size is cut off while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on with its body counted."""
        # Where there is no route, whoever asks learns that rather than what it would have taken.
        if scope["type"] != "http" or scope["method"] in READING or scope["state"]["route"] == NO_ROUTE:
            await self.app(scope, receive, send)
        elif refusal := _refusal(dict(scope["headers"])):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, _counted(receive), send)


def _refusal(headers: Mapping[bytes, bytes]) -> JSONResponse | None:
    # A web page of another site can send any other type without asking the browser first.
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        return JSONResponse({"detail": NOT_JSON}, 415)
    if headers.get(b"content-encoding", b"").strip().lower() not in (b"", b"identity"):
        return JSONResponse({"detail": PACKED}, 415)
    size = headers.get(b"content-length", b"0")
    if size.isdigit() and int(size) > BYTES:
        return JSONResponse({"detail": TOO_LARGE}, 413)
    return None


def _counted(receive: Receive) -> Receive:
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > BYTES:
            raise HTTPException(413, TOO_LARGE)
        return message

    return counted
