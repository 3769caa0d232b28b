"""What every answer tells a browser: run nothing, frame nothing, guess nothing, keep nothing."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class Headers:
    """Adds what the answer does not say itself: a page with scripts of its own brings its own policy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the head of its answer."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = message.get("headers", ())
                names = {name.lower() for name, _ in said}
                message["headers"] = [*said, *(header for header in ALWAYS if header[0] not in names)]
            await send(message)

        await self.app(scope, receive, completed)
