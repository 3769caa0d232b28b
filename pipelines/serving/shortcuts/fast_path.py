"""The fast path: requests to a `FastRoute` skip FastAPI's router and dependency resolution."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.serving.api.json_bodies import read_body

Handler = Callable[[Request], Awaitable[Response]]


class FastRoute(APIRoute):
    """Route of an endpoint with path parameters, one body and `service`; 0.5 ms faster than `APIRoute`."""

    def get_route_handler(self) -> Any:
        """A handler that validates the body, calls the endpoint and serialises its result."""
        (body,) = (field for field in self.dependant.body_params)
        name, model = body.name, cast("type[BaseModel]", body.field_info.annotation)

        async def handle(request: Request) -> Response:
            service = request.app.state.service
            try:
                body_model = read_body(model, await request.body())
            except ClientDisconnect:  # no client is left, and the service has not failed
                raise HTTPException(400, "the request ended before its body was complete") from None
            result: BaseModel = await self.endpoint(**request.path_params, **{name: body_model}, service=service)
            return Response(result.model_dump_json(exclude_none=True), media_type="application/json")

        return handle


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
