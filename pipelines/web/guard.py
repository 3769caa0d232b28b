"""A gate before a server of others (Prefect, MLflow): which names it answers to, to which pages, and to whom."""

import hmac
from collections.abc import Callable, Collection

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.web.credentials import basic

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
WRONG_HOST = "this server does not answer to that name; NEEDLOOP_HOSTS lists those it has besides localhost"
FOREIGN = "a page of another site may not ask here"
# Prefect's page asks an analytics company for its settings before it knows that analytics are off.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'self';"
    " form-action 'self'; frame-ancestors 'self'"
)
CLOSED = "sign in with the user and the password in {file}"


class Guard:
    """Refuses foreign Host headers (400), requests from pages of other origins (403), and missing credentials (401).

    What the pages behind it may load, frame and tell is confined to their own origin.
    `hosts`: names besides the loopback's. `credential`: `user:password` of HTTP Basic authentication, asked for at the
    paths for which `asks` says so (without it everywhere); None: nothing is asked for. `file`: where it is, for people.
    `by_page`: the page behind has a sign-in of its own, so that the browser is not told to show another, and the
    server behind asks the websockets.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str] = (),
        credential: str | None = None,
        file: str = "",
        asks: Callable[[str], bool] | None = None,
        by_page: bool = False,
    ) -> None:
        self.app, self._hosts = app, frozenset(name.lower() for name in (*LOOPBACK, *hosts))
        self._authorization = basic(credential)["Authorization"].encode() if credential else None
        self._closed, self._asks, self._by_page = CLOSED.format(file=file), asks, by_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        refusal = None if scope["type"] == "lifespan" else self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, _confined(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the client gets 403
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        host = _only(scope, b"host").lower()
        if _name(host) not in self._hosts:
            return PlainTextResponse(WRONG_HOST, 400)
        if _from_another_site(scope, host):
            return PlainTextResponse(FOREIGN, 403)
        return None if self._admits(scope) else self._unauthorized()

    def _admits(self, scope: Scope) -> bool:
        if self._authorization is None or (self._by_page and scope["type"] == "websocket"):
            return True
        if self._asks and not self._asks(scope["path"]):
            return True
        return hmac.compare_digest(_only(scope, b"authorization").encode("latin-1"), self._authorization)

    def _unauthorized(self) -> Response:
        if self._by_page:
            return JSONResponse({"exception_message": self._closed}, 401)  # as Prefect's clients expect it
        return PlainTextResponse(self._closed, 401, {"WWW-Authenticate": 'Basic realm="needloop"'})


def _from_another_site(scope: Scope, host: str) -> bool:
    """Whether a browser says that a page of another origin asks; following a link to here is allowed."""
    origins = [origin.decode("latin-1").lower() for origin in _all(scope, b"origin")]
    if any(origin.partition("://")[2] != host for origin in origins):
        return True
    sites = _all(scope, b"sec-fetch-site")
    if sites in ([], [b"none"], [b"same-origin"]):
        return False
    followed = _only(scope, b"sec-fetch-mode") == "navigate" and _only(scope, b"sec-fetch-dest") == "document"
    return not (len(sites) == 1 and followed and scope.get("method") in ("GET", "HEAD"))


def _confined(send: Send) -> Send:
    """The page may speak to its own server only."""

    async def confined(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"content-security-policy", POLICY.encode())]
        await send(message)

    return confined


def _only(scope: Scope, header: bytes) -> str:
    """The value of a header that is there once; else nothing: of two, each server may believe another."""
    values = _all(scope, header)
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _all(scope: Scope, header: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == header]


def _name(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
