"""Replayed traffic for a loop without customers: messages are sent to the service, then their labels as feedback."""

from collections.abc import Iterator, Sequence

import httpx
from rich.console import Console
from rich.progress import track

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.corpus import replay_traffic
from pipelines.ingestion.records import Record
from pipelines.ingestion.text import digest
from pipelines.kinds.known import find_kind
from pipelines.runtime.progress import is_terminal, step
from pipelines.store.store import Store
from pipelines.workspace.settings import Settings

BATCH = 32


class NotAnswered(RuntimeError):
    """The service refused a request of the loop."""


def replay(spec: ModelSpec, settings: Settings, url: str) -> int:
    """Send every unanswered traffic message and its label as feedback; return the number of messages."""
    store = Store(settings.database)
    answered, unrated = store.answered_keys(spec.name), store.without_feedback(spec.name)
    new = [message for message in replay_traffic(spec) if digest(message.text) not in answered]
    with httpx.Client(base_url=url, headers=settings.authorization, timeout=60) as client:
        batches = list(_batches(new))
        quiet = not batches or not is_terminal()
        with step(f"replay {spec.name}"):
            for batch in track(batches, f"replay {spec.name:<11}", console=Console(stderr=True), disable=quiet):
                _ask_and_rate(client, spec, batch)
        # A killed run may have asked messages and sent no feedback for them.
        for message in replay_traffic(spec) if unrated else ():
            if digest(message.text) in unrated:
                _send_feedback(client, spec, unrated[digest(message.text)], message)
    return len(new)


def _batches(messages: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (messages[start : start + BATCH] for start in range(0, len(messages), BATCH))


def _ask_and_rate(client: httpx.Client, spec: ModelSpec, batch: Sequence[Record]) -> None:
    response = require_success(
        client.post(f"/v1/models/{spec.name}/predict", json={"texts": [message.text for message in batch]})
    )
    for message, prediction in zip(batch, response.json()["predictions"], strict=True):
        _send_feedback(client, spec, prediction["id"], message)


def _send_feedback(client: httpx.Client, spec: ModelSpec, prediction: str, message: Record) -> None:
    fields = {
        "prediction": prediction,
        **find_kind(spec.kind).wire.feedback_fields(str(message.label or ""), spec.target),
    }
    require_success(client.post("/v1/feedback", json=fields, headers={"Idempotency-Key": prediction}))


def require_success(response: httpx.Response) -> httpx.Response:
    """Return a successful response; raises NotAnswered with the status and text of a refusal."""
    if response.is_error:
        raise NotAnswered(f"the service answered {response.status_code}: {response.text[:400]}")
    return response
