"""What OpenAPI says of every route alike: which key it asks for, and how the guards in front of it refuse."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from pipelines.serving.middleware.route_scopes import CLOSED, SCHEME

KEY = {"type": "http", "scheme": "bearer", "description": "needloop keys create NAME"}
PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
WITH_KEY, WITH_BODY = (401, 403, 429), (400, 403, 408, 413, 415)


class Api(FastAPI):
    """An application that describes its guards."""

    def openapi(self) -> dict[str, Any]:
        """The description, with the scheme of the keys and every refusal of a guard."""
        if self.openapi_schema is None:
            found = super().openapi()
            found["components"]["securitySchemes"] = {SCHEME: KEY}
            found |= CLOSED
            for operation in _operations(found):
                operation["responses"] |= _refusals(operation)
        return self.openapi_schema or {}


def _operations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in found["paths"].values():
        yield from path.values()


def _refusals(operation: dict[str, Any]) -> dict[str, Any]:
    """None for a protocol's route, which describes its refusals itself."""
    if "4XX" in operation["responses"]:
        return {}
    statuses = [*(WITH_BODY if "requestBody" in operation else ()), *(WITH_KEY if operation.get("security", 1) else ())]
    return {str(status): {"description": HTTPStatus(status).phrase, "content": PROBLEM} for status in statuses}
