"""An asynchronous client."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TypeVar

import httpx

from pipelines.client import calls
from pipelines.client.blocking import TIMEOUT_SECONDS, auth_headers
from pipelines.client.calls import Call
from pipelines.client.outcome import Outcome, result, retry_delay
from pipelines.client.responses import ModelInfo, PredictResponse, Receipt

T = TypeVar("T")


class AsyncClient:
    """`Client` with coroutines: `async with AsyncClient(...) as client`."""

    def __init__(self, url: str = "http://127.0.0.1:8000", key: str | None = None, attempts: int = 5) -> None:
        self._http = httpx.AsyncClient(base_url=url, headers=auth_headers(key), timeout=TIMEOUT_SECONDS)
        self._attempts = attempts

    async def predict(
        self, model: str, texts: str | Sequence[str], customer: str | None = None, explain: bool = False
    ) -> PredictResponse:
        """Label texts; `explain` also returns the words that mattered, for a few texts."""
        return await self._send(calls.predict(model, texts, customer, explain))

    async def feedback(
        self,
        prediction: str,
        *,
        label: str | None = None,
        correct: bool | None = None,
        rating: int | None = None,
        comment: str | None = None,
        customer: str | None = None,
        key: str | None = None,
        labels: Sequence[str] | None = None,
        none: bool = False,
    ) -> Receipt:
        """Send feedback on a prediction; it is stored once, even if it has to be sent several times.

        `customer` is the author of the feedback, if not that of the message. `labels` are for a model with several
        labels; `none` states that no label of the model is right.
        """
        values: dict[str, Any] = {
            "label": label,
            "correct": correct,
            "rating": rating,
            "comment": comment,
            "customer": customer,
        }
        values |= {"labels": None if labels is None else list(labels), "none": none or None}
        return await self._send(calls.feedback(prediction, values, key))

    async def models(self) -> tuple[ModelInfo, ...]:
        """The champions that are served."""
        return await self._send(calls.models())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        await self.close()

    async def _send(self, call: Call[T]) -> T:
        outcome = await self._try(call)
        for attempt in range(self._attempts - 1):
            if (seconds := retry_delay(outcome, attempt)) is None:
                break
            await asyncio.sleep(seconds)
            outcome = await self._try(call)
        return result(call, outcome, self._http.base_url)

    async def _try(self, call: Call[T]) -> Outcome:
        try:
            return await self._http.request(call.method, call.path, json=call.body, headers=call.headers)
        except httpx.TransportError as error:
            return error
