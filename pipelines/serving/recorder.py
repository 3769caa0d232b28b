"""A thread that keeps answers before they are given: all that wait at one moment in one commit."""

import asyncio
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread

from pipelines.store.predictions import Prediction
from pipelines.store.recording import Recording

TOGETHER = 64
Waiting = tuple[Sequence[Prediction], asyncio.Future[None]]


class Recorder:
    """Many small commits cost more than one large: 0.6 ms of a core each, over a connection of its own."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    async def keep(self, predictions: Sequence[Prediction]) -> None:
        """Comes back when they are kept, all or none; raises what the database raises."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._queue.put((predictions, future))
        await future

    def close(self) -> None:
        """Keep what waits, then no more."""
        self._queue.put(None)
        self._thread.join(timeout=1)

    def _work(self) -> None:
        while first := self._queue.get():
            waiting = [first, *self._others()]
            try:
                self._recording.keep([one for predictions, _ in waiting for one in predictions])
                error = None
            except Exception as raised:  # whatever the database says, each of the requests answers for it
                error = raised
            self._loop.call_soon_threadsafe(_tell, [future for _, future in waiting], error)

    def _others(self) -> Iterator[Waiting]:
        for _ in range(TOGETHER):
            try:
                found = self._queue.get_nowait()
            except Empty:
                return
            if found is None:
                self._queue.put(None)
                return
            yield found


def _tell(futures: Sequence[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error:
            future.set_exception(error)
        else:
            future.set_result(None)
