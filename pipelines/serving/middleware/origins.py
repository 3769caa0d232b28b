"""From where a request comes: the name it calls us by, the page that sends it, and whether it is one request at all."""

from collections.abc import Collection, Sequence

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

READING = ("GET", "HEAD", "OPTIONS")
WRONG_NAME = "the service does not answer to this name: NEEDLOOP_HOSTS lists those it has besides localhost"
# Headers of which a second one would count for one reader, and the first for another.
SINGLE = (b"host", b"authorization", b"origin", b"content-type", b"content-length", b"transfer-encoding")
REPEATED = f"a request has at most one header of each of these: {b', '.join(SINGLE).decode()}"
TWO_LENGTHS = "a body has a Content-Length or a Transfer-Encoding, not both"
FOREIGN = "a page of another site may not write here"


class Origins:
    """Refuses other names, where `names` are given, and repeated headers with 400; writes of foreign pages with 403."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app, self._names = app, frozenset(name.lower().encode() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] != "lifespan" and (refusal := self._refusal(scope, scope["headers"])):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, given: Sequence[tuple[bytes, bytes]]) -> JSONResponse | None:
        headers = dict(given)
        if len(headers) < len(given) and _repeated(given):
            return JSONResponse({"detail": REPEATED}, 400, {"Connection": "close"})
        # A proxy that believes one of them before a server that believes the other lets a second request slip in.
        if b"transfer-encoding" in headers and b"content-length" in headers:
            return JSONResponse({"detail": TWO_LENGTHS}, 400, {"Connection": "close"})
        host = headers.get(b"host", b"").lower()
        # A page that rebinds its own name to this machine sends that name along.
        if self._names and _name(host) not in self._names:
            return JSONResponse({"detail": WRONG_NAME}, 400)
        # A browser tells which page writes; programs tell nothing.
        origin = headers.get(b"origin")
        if origin is not None and scope.get("method") not in READING and origin.lower().partition(b"://")[2] != host:
            return JSONResponse({"detail": FOREIGN}, 403)
        return None


def _repeated(given: Sequence[tuple[bytes, bytes]]) -> bool:
    names = [name for name, _ in given]
    return any(names.count(name) > 1 for name in SINGLE)


def _name(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    return name if colon and port.isdigit() else host
