"""Counts of one rollout: threads add to them, and the service writes them to the store now and then."""

from collections import defaultdict
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from pipelines.store.store import Store


class RolloutCounter:
    """Trials and successes by measure and arm, since the last flush."""

    def __init__(self, rollout: str, store: Store) -> None:
        self._rollout, self._store = rollout, store
        self._counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._lock = Lock()

    def count(self, measure: str, arm: str, success: bool) -> None:
        """Count one trial."""
        with self._lock:
            counts = self._counts[measure, arm]
            counts[0] += 1
            counts[1] += success

    def flush(self) -> None:
        """Add the counts to those of the store. Raises SQLAlchemyError; the counts then wait for the next flush."""
        with self._lock:
            counts, self._counts = self._counts, defaultdict(lambda: [0, 0])
        try:
            if counts:
                pairs = {name: (trials, successes) for name, (trials, successes) in counts.items()}
                self._store.add_rollout_counts(self._rollout, pairs)
        except SQLAlchemyError:
            with self._lock:
                for name, (trials, successes) in counts.items():
                    self._counts[name][0] += trials
                    self._counts[name][1] += successes
            raise
