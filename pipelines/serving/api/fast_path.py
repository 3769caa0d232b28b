"""The lean routes without the router: FastAPI declares and describes them, and what it does before each is left out."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.serving.api.fast_route import FastRoute, Handler


class FastPathMiddleware:
    """Answers what a lean route would, errors in the application's own way; passes on all the rest."""

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self.app = app
        self._ways = [
            (method, compile_path(context.path)[0], context.route.get_route_handler())
            for context in iter_route_contexts(list(api.routes))
            if isinstance(context.route, FastRoute) and context.path
            for method in context.route.methods or ()
        ]
        handlers: Any = {known: one for known, one in api.exception_handlers.items() if known not in (500, Exception)}
        self._answered = ExceptionMiddleware(_answer, handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once, or pass on."""
        if scope["type"] == "http" and (found := self._found(scope["method"], scope["path"])):
            scope["direct"], scope["path_params"] = found
            await self._answered(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _found(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        for known, pattern, handle in self._ways:
            if known == method and (match := pattern.match(path)):
                return handle, match.groupdict()
        return None


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive, send)
    await (await scope["direct"](request))(scope, receive, send)
