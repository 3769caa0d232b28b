"""Descriptions of the client's requests, shared by the synchronous and the asynchronous client."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

from pipelines.client import responses

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request, and the function that parses its response."""

    method: str
    path: str
    parse: Callable[[responses.Json], T]
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def predict(
    model: str, texts: str | Sequence[str], customer: str | None, explain: bool
) -> Call[responses.PredictResponse]:
    """A prediction request; `texts` may be a single text."""
    body = {"texts": [texts] if isinstance(texts, str) else list(texts)}
    optional = {"customer": customer} if customer else {}
    path = f"/v1/models/{quote(model, safe='')}/predict"
    return Call("POST", path, responses.predict_response, body | optional | ({"explain": True} if explain else {}))


def feedback(prediction: str, values: Mapping[str, Any], key: str | None) -> Call[responses.Receipt]:
    """A feedback request; its idempotency key, generated without `key`, makes repeated requests count once."""
    body = {"prediction": prediction} | {name: value for name, value in values.items() if value is not None}
    return Call("POST", "/v1/feedback", responses.receipt, body, {"Idempotency-Key": key or uuid4().hex})


def models() -> Call[tuple[responses.ModelInfo, ...]]:
    """A request for the served models."""
    return Call("GET", "/v1/models", responses.model_infos)
