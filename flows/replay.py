"""Live traffic for a loop without customers: unseen messages are asked over HTTP, and people's labels sent back."""

from collections.abc import Iterator, Sequence

import httpx
from rich.console import Console
from rich.progress import track

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.corpus import traffic
from pipelines.ingestion.records import Record
from pipelines.ingestion.text import digest
from pipelines.kinds.known import find
from pipelines.runtime.progress import is_watched, step
from pipelines.runtime.settings import Settings
from pipelines.store.store import Store

BATCH = 32


class NotAnswered(RuntimeError):
    """The service refused what the loop asked it."""


def replay(spec: ModelSpec, settings: Settings, url: str) -> int:
    """Ask the service every traffic message it has not answered yet and give the labels as feedback; how many."""
    store = Store(settings.database)
    answered, silent = store.answered(spec.name), store.silent(spec.name)
    new = [message for message in traffic(spec) if digest(message.text) not in answered]
    with httpx.Client(base_url=url, headers=settings.authorization, timeout=60) as client:
        batches = list(_batches(new))
        quiet = not batches or not is_watched()
        with step(f"replay {spec.name}"):
            for batch in track(batches, f"replay {spec.name:<11}", console=Console(stderr=True), disable=quiet):
                _converse(client, spec, batch)
        for message in traffic(spec) if silent else ():  # asked by a run that was killed before it said what people say
            if digest(message.text) in silent:
                _say(client, spec, silent[digest(message.text)], message)
    return len(new)


def _batches(messages: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (messages[start : start + BATCH] for start in range(0, len(messages), BATCH))


def _converse(client: httpx.Client, spec: ModelSpec, batch: Sequence[Record]) -> None:
    asked = answered(
        client.post(f"/v1/models/{spec.name}/predict", json={"texts": [message.text for message in batch]})
    )
    for message, answer in zip(batch, asked.json()["predictions"], strict=True):
        _say(client, spec, answer["id"], message)


def _say(client: httpx.Client, spec: ModelSpec, prediction: str, message: Record) -> None:
    said = {"prediction": prediction, **find(spec.kind).wire.feedback(message.label or "", spec.target)}
    answered(client.post("/v1/feedback", json=said, headers={"Idempotency-Key": prediction}))


def answered(answer: httpx.Response) -> httpx.Response:
    """The answer; raises NotAnswered with what the service says about a refusal, such as a key it asks for."""
    if answer.is_error:
        raise NotAnswered(f"the service answered {answer.status_code}: {answer.text[:400]}")
    return answer
