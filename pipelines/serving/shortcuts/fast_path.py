"""The fast path: requests to a `FastRoute` skip FastAPI's router and dependency resolution."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.serving.shortcuts.fast_route import FastRoute, Handler


class FastPathMiddleware:
    """Handles requests to fast routes, with the application's exception handlers; passes all others on."""

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self.app = app
        self._routes = [
            (method, compile_path(context.path)[0], context.route.get_route_handler())
            for context in iter_route_contexts(list(api.routes))
            if isinstance(context.route, FastRoute) and context.path
            for method in context.route.methods or ()
        ]
        handlers: Any = {
            error: handler for error, handler in api.exception_handlers.items() if error not in (500, Exception)
        }
        self._handled = ExceptionMiddleware(_handle, handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the request, or pass it on."""
        if scope["type"] == "http" and (match := self._match(scope["method"], scope["path"])):
            scope["fast_handler"], scope["path_params"] = match
            await self._handled(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _match(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        for allowed, pattern, handle in self._routes:
            if allowed == method and (match := pattern.match(path)):
                return handle, match.groupdict()
        return None


async def _handle(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive, send)
    await (await scope["fast_handler"](request))(scope, receive, send)
