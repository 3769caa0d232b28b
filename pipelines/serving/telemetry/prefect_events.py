"""Feedback events for Prefect, whose automations start retraining; sent in the background, and optional."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from queue import Full, Queue
from threading import Thread
from typing import Any
from uuid import uuid4

from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.feedback_rows import Receipt
from pipelines.web.credentials import basic_auth_header

log = logging.getLogger(__name__)

MAX_QUEUED = 1000
TIMEOUT_SECONDS = 5.0
END = None


class Outbox:
    """Sends an event for each recorded feedback to a Prefect API; `credential`: its `user:password`, if it needs it."""

    def __init__(self, api: str, credential: str | None, metrics: Metrics) -> None:
        self._address, self._metrics = f"{api.rstrip('/')}/events", metrics
        self._headers = basic_auth_header(credential) if credential else {}
        self._queue: Queue[Mapping[str, Any] | None] = Queue(MAX_QUEUED)
        # A daemon: an unresponsive Prefect must not keep a stopped service alive.
        self._thread = Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    def enqueue(self, receipt: Receipt) -> None:
        """Queue the event; a full queue drops it, and the schedule of retraining still finds the feedback."""
        try:
            self._queue.put_nowait(feedback_event(receipt))
        except Full:
            self._metrics.events.labels("dropped").inc()

    def close(self) -> None:
        """Send queued events for at most 0.5 s."""
        try:
            self._queue.put_nowait(END)
        except Full:
            return
        self._thread.join(timeout=0.5)

    def _run(self) -> None:
        import httpx  # here, as it costs 0.1 s and 12 MB, and services without Prefect do not need it

        with httpx.Client(timeout=TIMEOUT_SECONDS, headers=self._headers) as client:
            while (queued := self._queue.get()) is not END:
                try:
                    client.post(self._address, json=[queued]).raise_for_status()
                except httpx.HTTPError as error:
                    log.warning("Prefect at %s refused an event: %s", self._address, type(error).__name__)
                    self._metrics.events.labels("failed").inc()
                else:
                    self._metrics.events.labels("sent").inc()


def feedback_event(receipt: Receipt) -> dict[str, Any]:
    """The event in the format of Prefect's API; it contains only the id of the feedback."""
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "needloop.feedback",
        "resource": {"prefect.resource.id": f"needloop.model.{receipt.model}"},
        "payload": {"model": receipt.model, "feedback": receipt.id},
    }
