"""A thread that looks at the ledger and has new champions brought in, while requests go on."""

from threading import Event, Thread

from pipelines.serving.champions import Champions

EVERY_SECONDS = 1.0
FIRST_SECONDS = 5.0


class Watch:
    """Looks at once, and then once a second until it is stopped."""

    def __init__(self, champions: Champions) -> None:
        self._champions, self._first, self._stop = champions, Event(), Event()
        # A daemon: a download that hangs must not keep a stopped service alive.
        self._thread = Thread(target=self._run, name="champions", daemon=True)

    def start(self) -> None:
        """Begin to look; comes back with the first look done, or without it where loading takes long."""
        self._thread.start()
        self._first.wait(FIRST_SECONDS)

    def stop(self) -> None:
        """Look no more; a champion that is being loaded is left behind after a moment."""
        self._stop.set()
        self._thread.join(timeout=0.3)

    def _run(self) -> None:
        self._champions.refresh()
        self._first.set()
        while not self._stop.wait(EVERY_SECONDS):
            if self._champions.due():
                self._champions.refresh()
