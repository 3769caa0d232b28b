"""JSON bodies: a text that is not valid Unicode is found by its place, and does not spoil the whole request."""

import json
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

INVALID = "json_invalid"


def parse_json(body: bytes) -> Any:
    """The value of a body; bytes that are not UTF-8 become lone surrogates, which no field accepts.

    Raises JSONDecodeError.
    """
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        return json.loads(body.decode("utf-8", "surrogateescape"))
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", "", 0) from None


def read_body(model: type[BaseModel], body: bytes) -> BaseModel:
    """The validated body. Raises RequestValidationError."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if error.errors()[0]["type"] != INVALID:
            raise _refused(error) from None
    try:  # a lone surrogate is invalid JSON there, without its place
        return model.model_validate(parse_json(body))
    except ValidationError as error:
        raise _refused(error) from None
    except json.JSONDecodeError as error:
        raise RequestValidationError([{"type": INVALID, "loc": ("body", error.pos), "msg": ""}]) from None


def _refused(error: ValidationError) -> RequestValidationError:
    return RequestValidationError([{**row, "loc": ("body", *row["loc"])} for row in error.errors()])


class JsonRequest(Request):
    """A request whose JSON is read by `parse_json`."""

    async def json(self) -> Any:
        """The value of the body."""
        return parse_json(await self.body())


class JsonRoute(APIRoute):
    """A route whose endpoint gets a `JsonRequest`."""

    def get_route_handler(self) -> Any:
        """FastAPI's handler, with the request replaced."""
        handle = super().get_route_handler()

        async def handle_readable(request: Request) -> Response:
            response: Response = await handle(self.readable(request))
            return response

        return handle_readable

    def readable(self, request: Request) -> Request:
        """The request with a JSON body."""
        return JsonRequest(request.scope, request.receive)
