"""A client that waits for each answer."""

import os
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TypeVar

import httpx

from pipelines.client import calls
from pipelines.client.calls import Call
from pipelines.client.outcome import Outcome, result, wait
from pipelines.client.responses import Answers, Receipt, Served

T = TypeVar("T")
TIMEOUT_SECONDS = 60.0


def bearer(key: str | None) -> dict[str, str]:
    """The header that carries a key: this one, or where none is given that of NEEDLOOP_API_KEY."""
    key = os.environ.get("NEEDLOOP_API_KEY") if key is None else key
    return {"Authorization": f"Bearer {key}"} if key else {}


class Client:
    """Asks the service at `url`; `with Client(...) as client` closes its connections.

    Without a `key` it takes that of NEEDLOOP_API_KEY. A connection that is lost, 429 and 503 are tried again,
    `attempts` times in all. Raises Unreachable or Refused.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", key: str | None = None, attempts: int = 5) -> None:
        self._http = httpx.Client(base_url=url, headers=bearer(key), timeout=TIMEOUT_SECONDS)
        self._attempts = attempts

    def predict(
        self, model: str, texts: str | Sequence[str], customer: str | None = None, explain: bool = False
    ) -> Answers:
        """Label texts; with `explain`, of a few, the words that mattered come along."""
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
        """Say what was right or wrong about an answer; kept once, however often it has to be sent.

        `customer` is who says so, if not the one who wrote the message. `labels` are of a model that gives several;
        `none` says that nothing that the model can answer is right.
        """
        said: dict[str, Any] = {
            "label": label,
            "correct": correct,
            "rating": rating,
            "comment": comment,
            "customer": customer,
        }
        said |= {"labels": None if labels is None else list(labels), "none": none or None}
        return self._send(calls.feedback(prediction, said, key))

    def models(self) -> tuple[Served, ...]:
        """The champions that answer."""
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
            if (seconds := wait(outcome, attempt)) is None:
                break
            time.sleep(seconds)
            outcome = self._try(call)
        return result(call, outcome, self._http.base_url)

    def _try(self, call: Call[T]) -> Outcome:
        try:
            return self._http.request(call.method, call.path, json=call.body, headers=call.headers)
        except httpx.TransportError as error:
            return error
