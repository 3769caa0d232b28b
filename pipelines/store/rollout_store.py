"""The store's records of rollouts: counts, answers of a shadow, customers' opinions."""

from collections.abc import Sequence
from datetime import datetime

from pipelines.store import rollout_counts
from pipelines.store.rollout_counts import Opinion, RolloutCounts, ShadowAnswer
from pipelines.store.store_part import StorePart


class RolloutStore(StorePart):
    """The records of shadows and canaries; a rollout is named by the hash of its ledger entry."""

    def add_rollout_counts(self, trial: str, counts: RolloutCounts) -> None:
        """Add to the counts of a rollout."""
        self._write_fast(rollout_counts.add, trial, counts)

    def rollout_counts(self, trial: str) -> RolloutCounts:
        """The counts of a rollout."""
        return self._read(rollout_counts.read, trial)

    def record_shadow(self, answers: Sequence[ShadowAnswer]) -> None:
        """Record answers of a shadow."""
        self._write_fast(rollout_counts.record_shadow, answers)

    def opinions(self, model: str, since: datetime) -> list[Opinion]:
        """The customers' standing feedback on answers given since a time, in order."""
        return self._read(rollout_counts.opinions, model, since)
