"""Packages that are being loaded, each in a thread of its own, so that none waits for another."""

import time
from collections.abc import Callable, Iterator
from queue import Empty, Queue
from threading import Thread

from pipelines.inference.packaged import Packaged
from pipelines.serving.models.served import ServedVersion

PATIENCE_SECONDS = 5.0

Found = tuple[ServedVersion, Packaged | BaseException]


class ModelLoader:
    """Of one thread, which begins them and takes what arrives."""

    def __init__(self, load: Callable[[ServedVersion], Packaged]) -> None:
        self._load, self._arrived, self._until = load, Queue[Found](), 0.0
        self._under_way: set[str] = set()

    @property
    def pending(self) -> bool:
        """Whether anything is to arrive yet."""
        return bool(self._under_way)

    def begin(self, version: ServedVersion) -> None:
        """Load this version, unless that is under way."""
        if version.key in self._under_way:
            return
        self._under_way.add(version.key)
        self._until = time.monotonic() + PATIENCE_SECONDS
        # A daemon: a download that hangs must not keep a stopped service alive.
        Thread(target=self._bring, args=(version,), name=f"load {version.model}", daemon=True).start()

    def arrived(self) -> Iterator[Found]:
        """What is loaded, or why it could not be, one by one; who began a load a moment ago waits for it."""
        while self._under_way:
            try:
                version, found = self._arrived.get(timeout=max(0.0, self._until - time.monotonic()))
            except Empty:
                return
            self._under_way.discard(version.key)
            yield version, found

    def _bring(self, version: ServedVersion) -> None:
        try:
            self._arrived.put((version, self._load(version)))
        # Whatever is wrong with a package (a panic of a library in Rust is no Exception), the service lives on.
        except BaseException as error:  # a package may be broken in any way: whoever takes it says so
            self._arrived.put((version, error))
