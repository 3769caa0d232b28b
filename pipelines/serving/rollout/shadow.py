"""A shadow: the challenger answers copies of the requests in its own thread; clients never see its answers."""

import logging
import time
from collections.abc import Sequence
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from pipelines.ledger import events
from pipelines.ledger.entry import EventEntry
from pipelines.promotion.rollout_status import AGREEMENT, COPIES, LABELS, status
from pipelines.serving.models.champions import Champion
from pipelines.serving.rollout.counting import RolloutCounter
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store import rollout_counts
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

log = logging.getLogger(__name__)

QUEUE_SIZE = 500  # copies
CORE_SHARE = 0.1  # of one core, at most: after each text the thread sleeps nine times as long as the text took
BATCH, FLUSH_SECONDS = 50, 1.0  # answers are written after so many of them, or after so many seconds


class ShadowRollout:
    """A running shadow: a bounded queue of copies; copies that find it full are dropped and counted."""

    def __init__(
        self, rollout: EventEntry[events.Rollout], challenger: Champion, store: Store, metrics: Metrics
    ) -> None:
        self.rollout, self.challenger = rollout, challenger
        self._store, self._counter = store, RolloutCounter(rollout.hash(), store)
        self._copies: Queue[Prediction] = Queue(QUEUE_SIZE)
        self._metrics, self._stop = metrics, Event()
        self._thread = Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def enqueue(self, predictions: Sequence[Prediction]) -> None:
        """Queue copies of the champion's predictions, without waiting."""
        for prediction in predictions:
            try:
                self._copies.put_nowait(prediction)
            except Full:
                self._count(COPIES, "dropped", True, "dropped")

    def evaluate(self) -> tuple[str, ...]:
        """Save the counts. A shadow answers no client, so it is never aborted. Raises SQLAlchemyError."""
        self._counter.flush()
        return ()

    def status(self) -> dict[str, Any]:
        """Agreement with the champion, and dropped and failed copies, as plain values."""
        return status(self.rollout, self._store.rollout_counts(self.rollout.hash()))

    def close(self) -> None:
        """Stop the thread; copies in the queue are discarded."""
        self._stop.set()
        self._thread.join(timeout=0.5)

    def _run(self) -> None:
        answers: list[rollout_counts.ShadowAnswer] = []
        flushed_at = time.monotonic()
        while not self._stop.is_set():
            answers += self._next()
            if len(answers) >= BATCH or time.monotonic() - flushed_at > FLUSH_SECONDS:
                self._write(answers)
                answers, flushed_at = [], time.monotonic()
        self._write(answers)

    def _next(self) -> list[rollout_counts.ShadowAnswer]:
        try:
            copy = self._copies.get(timeout=FLUSH_SECONDS)
        except Empty:
            return []
        started = time.perf_counter()
        rows = self._predict(copy)
        self._stop.wait((time.perf_counter() - started) * (1 / CORE_SHARE - 1))
        return rows

    def _predict(self, copy: Prediction) -> list[rollout_counts.ShadowAnswer]:
        try:
            (answer,) = self.challenger.packaged.predict([copy.text])
        except Exception as error:  # a challenger may fail in any way: the shadow goes on with the next copy
            log.error("the shadow of %s %d failed: %s", self.rollout.model, self.rollout.version, type(error).__name__)
            self._count(COPIES, "failed", True, "failed")
            return []
        agrees, target = answer.comparison_key == copy.comparison_key, self.challenger.packaged.target
        single_label = copy.label if target.cells is not None else None
        self._count(AGREEMENT, single_label or "", agrees, "agreed" if agrees else "differed")
        if single_label is None:
            for label in target.labels_in(copy.label):
                self._counter.count(LABELS, label, label in target.labels_in(answer.label))
        return [rollout_counts.ShadowAnswer(copy.id, self.rollout.hash(), answer.label, answer.score)]

    def _count(self, measure: str, arm: str, success: bool, outcome: str) -> None:
        self._counter.count(measure, arm, success)
        self._metrics.shadow.labels(self.rollout.model, self.rollout.version, outcome).inc()

    def _write(self, answers: Sequence[rollout_counts.ShadowAnswer]) -> None:
        try:
            self._store.record_shadow(answers)
            self._counter.flush()
        except SQLAlchemyError as error:
            log.error("%d answers of a shadow could not be saved: %s", len(answers), type(error).__name__)
