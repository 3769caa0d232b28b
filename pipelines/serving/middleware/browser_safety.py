"""Checks of Host, Origin and repeated headers, and the security headers of every response."""

from collections.abc import Collection, Sequence

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READ_METHODS = ("GET", "HEAD", "OPTIONS")
UNKNOWN_HOST = "the service does not answer to this name: NEEDLOOP_HOSTS lists those it has besides localhost"
# Headers that may occur only once: of two, one server may read the first and another the second.
SINGLE = (b"host", b"authorization", b"origin", b"content-type", b"content-length", b"transfer-encoding")
REPEATED = f"a request has at most one header of each of these: {b', '.join(SINGLE).decode()}"
TWO_LENGTHS = "a body has a Content-Length or a Transfer-Encoding, not both"
CROSS_SITE = "a page of another site may not write here"


class Origins:
    """Refuses unknown hosts (if `names` are given) and repeated headers with 400, writes of other sites with 403."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app, self._names = app, frozenset(name.lower().encode() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] != "lifespan" and (refusal := self._refusal(scope, scope["headers"])):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, raw_headers: Sequence[tuple[bytes, bytes]]) -> JSONResponse | None:
        headers = dict(raw_headers)
        if len(headers) < len(raw_headers) and _has_repeated(raw_headers):
            return JSONResponse({"detail": REPEATED}, 400, {"Connection": "close"})
        # Request smuggling: a proxy may read one of the two lengths, and the server behind it the other.
        if b"transfer-encoding" in headers and b"content-length" in headers:
            return JSONResponse({"detail": TWO_LENGTHS}, 400, {"Connection": "close"})
        host = headers.get(b"host", b"").lower()
        # DNS rebinding: a page that points its own name to this machine sends that name as Host.
        if self._names and _host_name(host) not in self._names:
            return JSONResponse({"detail": UNKNOWN_HOST}, 400)
        # Browsers send the origin of the writing page; other programs send none.
        origin = headers.get(b"origin")
        writes = scope.get("method") not in READ_METHODS
        if origin is not None and writes and origin.lower().partition(b"://")[2] != host:
            return JSONResponse({"detail": CROSS_SITE}, 403)
        return None


def _has_repeated(raw_headers: Sequence[tuple[bytes, bytes]]) -> bool:
    names = [name for name, _ in raw_headers]
    return any(names.count(name) > 1 for name in SINGLE)


def _host_name(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    return name if colon and port.isdigit() else host


ALWAYS = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class SecurityHeaders:
    """Adds the default headers that a response lacks; a page with scripts of its own sets its own policy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the headers of its response."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                names = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(header for header in ALWAYS if header[0] not in names)]
            await send(message)

        await self.app(scope, receive, completed)
