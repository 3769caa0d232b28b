"""Authentication of websockets to Prefect: the first message must show the credential within a time limit."""

import asyncio
import hmac
import json
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HELLO_SECONDS = 10.0
PROTOCOL = "prefect"
REFUSED = {"type": "websocket.close", "code": 1008, "reason": "Invalid token"}
DISCONNECTED = {"type": "websocket.disconnect", "code": 1008}


class Hello:
    """Closes unauthenticated websockets, since Prefect logs each of them, some with a traceback."""

    def __init__(self, app: ASGIApp, credential: str, seconds: float = HELLO_SECONDS) -> None:
        self.app, self._credential, self._seconds = app, credential.encode(), seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on HTTP requests and authenticated websockets; close other websockets."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
        elif PROTOCOL in scope.get("subprotocols", ()):
            await self.app(scope, self._after_hello(receive, send), send)
        else:
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the client gets 403

    def _after_hello(self, receive: Receive, send: Send) -> Receive:
        """Receive the messages of an authenticated client; for another client, receive only its disconnect."""
        authenticated = False

        async def checked() -> Message:
            nonlocal authenticated
            if authenticated:
                return await receive()
            message = await self._first(receive)
            if message["type"] == "websocket.receive":
                authenticated = self._has_credential(message)
            if authenticated or message["type"] != "websocket.receive":
                return message
            await send(REFUSED)
            return DISCONNECTED

        return checked

    async def _first(self, receive: Receive) -> Message:
        """The next message of the client; an empty one if none comes within the time limit."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(receive(), self._seconds)
        return {"type": "websocket.receive", "text": ""}

    def _has_credential(self, message: Message) -> bool:
        try:
            hello = json.loads(message.get("text") or "")
        except (ValueError, RecursionError):
            return False
        token = hello.get("token") if isinstance(hello, dict) and hello.get("type") == "auth" else None
        return isinstance(token, str) and hmac.compare_digest(token.encode(errors="replace"), self._credential)
