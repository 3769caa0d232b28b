"""A synchronous client."""

import os
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TypeVar

import httpx

from pipelines.client import calls
from pipelines.client.calls import Call
from pipelines.client.outcome import Outcome, result, retry_delay
from pipelines.client.responses import ModelInfo, PredictResponse, Receipt

T = TypeVar("T")
TIMEOUT_SECONDS = 60.0


def auth_headers(key: str | None) -> dict[str, str]:
    """The Authorization header of `key`, or of NEEDLOOP_API_KEY without one."""
    key = os.environ.get("NEEDLOOP_API_KEY") if key is None else key
    return {"Authorization": f"Bearer {key}"} if key else {}


class Client:
    """Client of the service at `url`; `with Client(...) as client` closes its connections.

    Without a `key` it uses that of NEEDLOOP_API_KEY. Lost connections, 429 and 503 are retried, with `attempts` in
    total. Raises Unreachable or Refused.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", key: str | None = None, attempts: int = 5) -> None:
        self._http = httpx.Client(base_url=url, headers=auth_headers(key), timeout=TIMEOUT_SECONDS)
        self._attempts = attempts

    def predict(
        self, model: str, texts: str | Sequence[str], customer: str | None = None, explain: bool = False
    ) -> PredictResponse:
        """Label texts; `explain` also returns the words that mattered, for a few texts."""
        return self._send(calls.predict(model, texts, customer, explain))

    def feedback(
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
        return self._send(calls.feedback(prediction, values, key))

    def models(self) -> tuple[ModelInfo, ...]:
        """The champions that are served."""
        return self._send(calls.models())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, call: Call[T]) -> T:
        outcome = self._try(call)
        for attempt in range(self._attempts - 1):
            if (seconds := retry_delay(outcome, attempt)) is None:
                break
            time.sleep(seconds)
            outcome = self._try(call)
        return result(call, outcome, self._http.base_url)

    def _try(self, call: Call[T]) -> Outcome:
        try:
            return self._http.request(call.method, call.path, json=call.body, headers=call.headers)
        except httpx.TransportError as error:
            return error
