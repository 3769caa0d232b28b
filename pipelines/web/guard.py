"""ASGI guard of the Prefect and MLflow servers: checks of host, origin and credentials."""

import hmac
from collections.abc import Callable, Collection

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.web.credentials import basic_auth_header

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
WRONG_HOST = "this server does not answer to that name; add the name to NEEDLOOP_HOSTS"
CROSS_SITE = "pages of another site may not send requests here"
# Prefect's page contacts an analytics provider before it reads that analytics are off.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'self';"
    " form-action 'self'; frame-ancestors 'self'"
)
CLOSED = "sign in with the user and the password in {file}"


class ServerGuard:
    """Refuses foreign Host headers (400), requests from pages of other origins (403), and missing credentials (401).

    A content security policy confines the pages to their own origin.
    `hosts`: names besides the loopback's. `credential`: `user:password` of HTTP Basic authentication (None: none),
    required for the paths for which `protects` is true (default: all). `file`: its file, named in the refusal.
    `page_signs_in`: the page has its own sign-in form, so the browser shows none, and its server checks websockets.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str] = (),
        credential: str | None = None,
        file: str = "",
        protects: Callable[[str], bool] | None = None,
        page_signs_in: bool = False,
    ) -> None:
        self.app, self._hosts = app, frozenset(name.lower() for name in (*LOOPBACK, *hosts))
        self._authorization = basic_auth_header(credential)["Authorization"].encode() if credential else None
        self._unauthorized_text, self._protects, self._page_signs_in = CLOSED.format(file=file), protects, page_signs_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        refusal = None if scope["type"] == "lifespan" else self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, _with_policy(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # closed before it is accepted: the client gets 403
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        host = _single(scope, b"host").lower()
        if _host_name(host) not in self._hosts:
            return PlainTextResponse(WRONG_HOST, 400)
        if _is_cross_site(scope, host):
            return PlainTextResponse(CROSS_SITE, 403)
        return None if self._authorized(scope) else self._unauthorized()

    def _authorized(self, scope: Scope) -> bool:
        if self._authorization is None or (self._page_signs_in and scope["type"] == "websocket"):
            return True
        if self._protects and not self._protects(scope["path"]):
            return True
        return hmac.compare_digest(_single(scope, b"authorization").encode("latin-1"), self._authorization)

    def _unauthorized(self) -> Response:
        if self._page_signs_in:
            return JSONResponse({"exception_message": self._unauthorized_text}, 401)  # as Prefect's clients expect it
        return PlainTextResponse(self._unauthorized_text, 401, {"WWW-Authenticate": 'Basic realm="needloop"'})


def _is_cross_site(scope: Scope, host: str) -> bool:
    """True if a page of another origin sends the request; following a link is allowed."""
    origins = [origin.decode("latin-1").lower() for origin in _values(scope, b"origin")]
    if any(origin.partition("://")[2] != host for origin in origins):
        return True
    sites = _values(scope, b"sec-fetch-site")
    if sites in ([], [b"none"], [b"same-origin"]):
        return False
    is_link = _single(scope, b"sec-fetch-mode") == "navigate" and _single(scope, b"sec-fetch-dest") == "document"
    return not (len(sites) == 1 and is_link and scope.get("method") in ("GET", "HEAD"))


def _with_policy(send: Send) -> Send:
    """Add the content security policy to each response."""

    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"content-security-policy", POLICY.encode())]
        await send(message)

    return send_with_policy


def _single(scope: Scope, header: bytes) -> str:
    """The value of a header that occurs once, else "": of two values, each server may use another."""
    values = _values(scope, header)
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _values(scope: Scope, header: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == header]


def _host_name(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
