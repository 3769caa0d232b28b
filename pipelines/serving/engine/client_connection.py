"""The client of a connection, and what is being computed for it: where it hangs up, that is dropped."""

from contextvars import ContextVar
from typing import Any

from pipelines.serving.engine.inference_job import InferenceJob
from pipelines.serving.engine.unanswerable import ClientDisconnected


class ClientConnection:
    """One client. Its methods are called on the loop."""

    def __init__(self) -> None:
        self._gone, self._tasks = False, set[InferenceJob[Any]]()

    def begin(self, task: InferenceJob[Any]) -> None:
        """The task is worked on for this client. Raises HungUp where nobody waits for it any more."""
        if self._gone:
            raise ClientDisconnected
        self._tasks.add(task)

    def end(self, task: InferenceJob[Any]) -> None:
        """It is worked on no more."""
        self._tasks.discard(task)

    def hang_up(self) -> None:
        """The client is gone."""
        self._gone = True
        for task in self._tasks:
            task.drop()


# Of the request that is being answered; none where the server tells nothing of its connections.
ASKER: ContextVar[ClientConnection | None] = ContextVar("asker", default=None)
