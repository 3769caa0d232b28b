"""Feedback told to Prefect, so that its automations can start retraining: in the background, and never required."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from queue import Full, Queue
from threading import Thread
from typing import Any
from uuid import uuid4

from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.feedback_rows import Receipt
from pipelines.web.credentials import basic

log = logging.getLogger(__name__)

WAITING = 1000
TIMEOUT_SECONDS = 5.0
END = None


class Outbox:
    """Sends one event for each kept feedback to a Prefect API address, with the `user:password` it asks for, if any."""

    def __init__(self, api: str, credential: str | None, metrics: Metrics) -> None:
        self._address, self._metrics = f"{api.rstrip('/')}/events", metrics
        self._headers = basic(credential) if credential else {}
        self._queue: Queue[Mapping[str, Any] | None] = Queue(WAITING)
        # A daemon: a Prefect that does not answer must not keep a stopped service alive.
        self._thread = Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    def tell(self, receipt: Receipt) -> None:
        """Queue the event and go on; a full queue drops it, the schedule of retraining will find the feedback."""
        try:
            self._queue.put_nowait(event(receipt))
        except Full:
            self._metrics.events.labels("dropped").inc()

    def close(self) -> None:
        """Give what is queued a moment to leave."""
        try:
            self._queue.put_nowait(END)
        except Full:
            return
        self._thread.join(timeout=0.5)

    def _run(self) -> None:
        import httpx  # here, for where no Prefect is told: a tenth of a second and twelve megabytes

        with httpx.Client(timeout=TIMEOUT_SECONDS, headers=self._headers) as client:
            while (told := self._queue.get()) is not END:
                try:
                    client.post(self._address, json=[told]).raise_for_status()
                except httpx.HTTPError as error:
                    log.warning("Prefect at %s did not take an event: %s", self._address, type(error).__name__)
                    self._metrics.events.labels("failed").inc()
                else:
                    self._metrics.events.labels("sent").inc()


def event(receipt: Receipt) -> dict[str, Any]:
    """The event in the form of Prefect's API; it names the feedback and repeats nothing of it."""
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "needloop.feedback",
        "resource": {"prefect.resource.id": f"needloop.model.{receipt.model}"},
        "payload": {"model": receipt.model, "feedback": receipt.id},
    }
