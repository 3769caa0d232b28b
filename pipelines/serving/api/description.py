"""The OpenAPI description: adds the key scheme, and the responses of the middleware, to every route."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from pipelines.serving.api.schemas import ErrorResponse
from pipelines.serving.middleware.route_scopes import CLOSED, SCHEME

KEY = {"type": "http", "scheme": "bearer", "description": "needloop keys create NAME"}
ERROR = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorResponse.__name__}"}}}
WITH_KEY, WITH_BODY = (401, 403, 429), (400, 403, 408, 413, 415)


class Api(FastAPI):
    """An application whose description includes the responses of its middleware."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI description, with the key scheme and the error responses of the middleware."""
        if self.openapi_schema is None:
            schema = super().openapi()
            schema["components"]["securitySchemes"] = {SCHEME: KEY}
            schema |= CLOSED
            for operation in _operations(schema):
                operation["responses"] |= _error_responses(operation)
        return self.openapi_schema or {}


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema["paths"].values():
        yield from path.values()


def _error_responses(operation: dict[str, Any]) -> dict[str, Any]:
    """The responses of the middleware; empty for routes of the protocols, which describe their errors themselves."""
    if "4XX" in operation["responses"]:
        return {}
    statuses = [*(WITH_BODY if "requestBody" in operation else ()), *(WITH_KEY if operation.get("security", 1) else ())]
    return {str(status): {"description": HTTPStatus(status).phrase, "content": ERROR} for status in statuses}
