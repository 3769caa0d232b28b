"""Inference jobs by client connection: a disconnect cancels the jobs of its client."""

from contextvars import ContextVar
from typing import Any

from pipelines.serving.engine.inference_job import InferenceJob
from pipelines.serving.engine.unanswerable import ClientDisconnected


class ClientConnection:
    """The unfinished jobs of one client. All methods are called on the event loop."""

    def __init__(self) -> None:
        self._disconnected, self._jobs = False, set[InferenceJob[Any]]()

    def add_job(self, job: InferenceJob[Any]) -> None:
        """Register a job of this client. Raises ClientDisconnected after a disconnect."""
        if self._disconnected:
            raise ClientDisconnected
        self._jobs.add(job)

    def remove_job(self, job: InferenceJob[Any]) -> None:
        """Forget a job that has ended."""
        self._jobs.discard(job)

    def disconnect(self) -> None:
        """Cancel all jobs of the client."""
        self._disconnected = True
        for job in self._jobs:
            job.cancel()


# The client of the current request; None under a server that does not report its connections.
CLIENT: ContextVar[ClientConnection | None] = ContextVar("client", default=None)
