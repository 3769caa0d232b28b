"""A shadow: the challenger sees copies of what was answered, in a thread of its own, and answers nobody."""

import logging
import time
from collections.abc import Sequence
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from pipelines.ledger import events
from pipelines.ledger.entry import Record
from pipelines.promotion.rollout_status import AGREEMENT, COPIES, LABELS, status
from pipelines.serving.models.champions import Champion
from pipelines.serving.rollout.counting import Counting
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store import rollout_counts
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

log = logging.getLogger(__name__)

WAITING = 500  # copies
CORE = 0.1  # of one core, at most: after each text it rests nine times as long as the text took
TOGETHER, EVERY_SECONDS = 50, 1.0  # answers that are written at once


class Shadow:
    """Copies wait in a queue; what finds it full is dropped and counted."""

    def __init__(self, trial: Record[events.Rollout], challenger: Champion, store: Store, metrics: Metrics) -> None:
        self.trial, self.challenger = trial, challenger
        self._store, self._counting = store, Counting(self.trial.hash(), store)
        self._copies: Queue[Prediction] = Queue(WAITING)
        self._metrics, self._stop = metrics, Event()
        self._thread = Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def copy(self, predictions: Sequence[Prediction]) -> None:
        """Take what the champion answered; never waits."""
        for one in predictions:
            try:
                self._copies.put_nowait(one)
            except Full:
                self._count(COPIES, "dropped", True, "dropped")

    def settle(self) -> tuple[str, ...]:
        """Keep the counts. It harms nobody, so there is never a reason to abort it. Raises SQLAlchemyError."""
        self._counting.hand_on()
        return ()

    def fares(self) -> dict[str, Any]:
        """How it fares, in plain values."""
        return status(self.trial, self._store.tallied(self.trial.hash()))

    def close(self) -> None:
        """Look at no more copies."""
        self._stop.set()
        self._thread.join(timeout=0.5)

    def _run(self) -> None:
        answers: list[rollout_counts.Shadow] = []
        written = time.monotonic()
        while not self._stop.is_set():
            answers += self._next()
            if len(answers) >= TOGETHER or time.monotonic() - written > EVERY_SECONDS:
                self._write(answers)
                answers, written = [], time.monotonic()
        self._write(answers)

    def _next(self) -> list[rollout_counts.Shadow]:
        try:
            copy = self._copies.get(timeout=EVERY_SECONDS)
        except Empty:
            return []
        begun = time.perf_counter()
        found = self._answered(copy)
        self._stop.wait((time.perf_counter() - begun) * (1 / CORE - 1))
        return found

    def _answered(self, copy: Prediction) -> list[rollout_counts.Shadow]:
        try:
            (answer,) = self.challenger.packaged.predict([copy.text])
        except Exception as error:  # a challenger may fail in any way, and is to be tried on all the same
            log.error("the shadow of %s %d: %s", self.trial.model, self.trial.version, type(error).__name__)
            self._count(COPIES, "failed", True, "failed")
            return []
        agrees, target = answer.told == copy.told, self.challenger.packaged.target
        alone = copy.label if target.cells is not None else None
        self._count(AGREEMENT, alone or "", agrees, "agreed" if agrees else "differed")
        if alone is None:
            for label in target.labels_in(copy.label):
                self._counting.count(LABELS, label, label in target.labels_in(answer.label))
        return [rollout_counts.Shadow(copy.id, self.trial.hash(), answer.label, answer.score)]

    def _count(self, what: str, who: str, hit: bool, outcome: str) -> None:
        self._counting.count(what, who, hit)
        self._metrics.shadow.labels(self.trial.model, self.trial.version, outcome).inc()

    def _write(self, answers: Sequence[rollout_counts.Shadow]) -> None:
        try:
            self._store.shade(answers)
            self._counting.hand_on()
        except SQLAlchemyError as error:
            log.error("%d answers of a shadow were not kept: %s", len(answers), type(error).__name__)
