"""The requests that a client makes, without the making: the same for those who wait and those who do not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

from pipelines.client import responses

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[responses.Said], T]
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def predict(model: str, texts: str | Sequence[str], customer: str | None, explain: bool) -> Call[responses.Answers]:
    """Ask a champion; a single text may come without a list around it."""
    body = {"texts": [texts] if isinstance(texts, str) else list(texts)}
    more = {"customer": customer} if customer else {}
    path = f"/v1/models/{quote(model, safe='')}/predict"
    return Call("POST", path, responses.answers, body | more | ({"explain": True} if explain else {}))


def feedback(prediction: str, said: Mapping[str, Any], key: str | None) -> Call[responses.Receipt]:
    """Say something about an answer; its key, made where none is given, lets it be sent again and be kept once."""
    body = {"prediction": prediction} | {name: value for name, value in said.items() if value is not None}
    return Call("POST", "/v1/feedback", responses.receipt, body, {"Idempotency-Key": key or uuid4().hex})


def models() -> Call[tuple[responses.Served, ...]]:
    """Ask who answers."""
    return Call("GET", "/v1/models", responses.served)
