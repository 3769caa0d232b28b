"""From where a request comes: the name it calls us by, and the page that sends it."""

from collections.abc import Collection, Mapping

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

READING = ("GET", "HEAD", "OPTIONS")
WRONG_NAME = "the service does not answer to this name: NEEDLOOP_HOSTS lists those it has besides localhost"
FOREIGN = "a page of another site may not write here"


class Origins:
    """Refuses other names with 400, where `names` are given, and writes from pages of other sites with 403."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app, self._names = app, frozenset(name.lower().encode() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] != "lifespan" and (refusal := self._refusal(scope, dict(scope["headers"]))):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Mapping[bytes, bytes]) -> JSONResponse | None:
        host = headers.get(b"host", b"").lower()
        # A page that rebinds its own name to this machine sends that name along.
        if self._names and _name(host) not in self._names:
            return JSONResponse({"detail": WRONG_NAME}, 400)
        # A browser tells which page writes; programs tell nothing.
        origin = headers.get(b"origin")
        if origin is not None and scope.get("method") not in READING and origin.lower().partition(b"://")[2] != host:
            return JSONResponse({"detail": FOREIGN}, 403)
        return None


def _name(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    return name if colon and port.isdigit() else host
