"""Background loading: each package is loaded in a thread of its own, so that none blocks another."""

import time
from collections.abc import Callable, Iterator
from queue import Empty, Queue
from threading import Thread

from pipelines.inference.packaged import ModelPackage
from pipelines.serving.models.served import ServedVersion

WAIT_SECONDS = 5.0

Loaded = tuple[ServedVersion, ModelPackage | BaseException]


class ModelLoader:
    """Loads packages in the background. One thread calls `submit` and `completed`."""

    def __init__(self, load: Callable[[ServedVersion], ModelPackage]) -> None:
        self._load, self._completed, self._wait_until = load, Queue[Loaded](), 0.0
        self._keys: set[str] = set()

    @property
    def pending(self) -> bool:
        """True while a package is being loaded."""
        return bool(self._keys)

    def submit(self, version: ServedVersion) -> None:
        """Load this version, unless it is being loaded already."""
        if version.key in self._keys:
            return
        self._keys.add(version.key)
        self._wait_until = time.monotonic() + WAIT_SECONDS
        # A daemon: a download that hangs must not keep a stopped service alive.
        Thread(target=self._run, args=(version,), name=f"load {version.model}", daemon=True).start()

    def completed(self) -> Iterator[Loaded]:
        """Each loaded package, or the error of its loading; waits for up to 5 s after the last `submit`."""
        while self._keys:
            try:
                version, result = self._completed.get(timeout=max(0.0, self._wait_until - time.monotonic()))
            except Empty:
                return
            self._keys.discard(version.key)
            yield version, result

    def _run(self, version: ServedVersion) -> None:
        try:
            self._completed.put((version, self._load(version)))
        # The service survives any broken package; a panic of a Rust library is no Exception.
        except BaseException as error:  # a package may be broken in any way; the caller of `completed` reports it
            self._completed.put((version, error))
