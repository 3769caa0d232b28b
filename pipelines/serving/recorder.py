"""A thread that keeps answers before they are given: all that wait at one moment in one commit."""

import asyncio
from collections.abc import Sequence
from queue import SimpleQueue
from threading import Thread

from pipelines.store.predictions import Prediction
from pipelines.store.recording import Recording

Waiting = tuple[Sequence[Prediction], asyncio.Future[None]]


class Recorder:
    """Many small commits cost more than one large: 0.6 ms of a core each, over a connection of its own."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._queue: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._coming: list[Waiting] = []
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    async def keep(self, predictions: Sequence[Prediction]) -> None:
        """Comes back when they are kept, all or none; raises what the database raises."""
        future: asyncio.Future[None] = self._loop.create_future()
        if not self._coming:
            self._loop.call_soon(self._send)
        self._coming.append((predictions, future))
        await future

    def close(self) -> None:
        """Keep what waits, then no more."""
        self._queue.put(None)
        self._thread.join(timeout=1)

    def _send(self) -> None:
        """What came in one turn of the loop, at once."""
        self._queue.put(self._coming)
        self._coming = []

    def _work(self) -> None:
        while waiting := self._queue.get():
            error = None
            try:
                self._recording.keep([one for predictions, _ in waiting for one in predictions])
            except Exception as raised:  # whatever the database says, each of the requests answers for it
                error = raised
            self._loop.call_soon_threadsafe(_tell, [future for _, future in waiting], error)


def _tell(futures: Sequence[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error:
            future.set_exception(error)
        else:
            future.set_result(None)
