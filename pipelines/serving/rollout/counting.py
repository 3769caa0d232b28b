"""Counts of one trial, taken by many threads and handed on to the store now and then."""

from collections import defaultdict
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from pipelines.store.store import Store


class Counting:
    """How often each thing was looked at and how often it was so, since the counts were handed on."""

    def __init__(self, trial: str, store: Store) -> None:
        self._trial, self._store = trial, store
        self._counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._lock = Lock()

    def count(self, what: str, who: str, hit: bool) -> None:
        """One more."""
        with self._lock:
            counts = self._counts[what, who]
            counts[0] += 1
            counts[1] += hit

    def hand_on(self) -> None:
        """Add what was counted to the store's counts; raises SQLAlchemyError, and keeps it for the next time."""
        with self._lock:
            counts, self._counts = self._counts, defaultdict(lambda: [0, 0])
        try:
            if counts:
                self._store.tally(self._trial, {what: (tries, hits) for what, (tries, hits) in counts.items()})
        except SQLAlchemyError:
            with self._lock:
                for what, (tries, hits) in counts.items():
                    self._counts[what][0] += tries
                    self._counts[what][1] += hits
            raise
