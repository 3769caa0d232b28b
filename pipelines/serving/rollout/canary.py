"""A canary: the challenger answers a fixed share of the customers and is compared with the champion."""

import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from statistics import quantiles
from typing import Any

from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.kind import Answer
from pipelines.ledger import events
from pipelines.ledger.entry import EventEntry
from pipelines.promotion.guards import harm
from pipelines.promotion.rollout_status import (
    CHALLENGER,
    CHAMPION,
    FirstOpinions,
    first_opinions,
    guard_samples,
    in_canary,
    started_at,
    status,
)
from pipelines.serving.engine.preprocessing import PreparedText
from pipelines.serving.engine.unanswerable import ClientDisconnected, EmptyText
from pipelines.serving.models.champions import Champion
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.rollout.counting import RolloutCounter
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

log = logging.getLogger(__name__)

Predictions = list[Prediction]
Predict = Callable[[Champion], Awaitable[Predictions]]

# A request is slow if its seconds per text exceed SLOW_RATIO times the 95th percentile of the champion's last requests
# (up to WINDOW of them; no request is called slow before MIN_TIMED). One request per customer and hour is timed, so
# that a customer with long texts does not make a challenger look slow.
SLOW_RATIO, WINDOW, MIN_TIMED = 1.5, 1000, 20
HOUR = 3600.0
# Errors that the client causes; they count for no model.
CLIENT_ERRORS = EmptyText, ClientDisconnected


class Stopwatch(PredictionCache):
    """An empty cache that records the seconds of each run: a cached answer says nothing about a model's latency."""

    def __init__(self, packaged: ModelPackage) -> None:
        super().__init__(packaged, 0)
        self.seconds: list[float] = []

    def predict(self, texts: Sequence[PreparedText]) -> list[Answer]:
        """The model's answers; the seconds that they took are appended to `seconds`."""
        started = time.perf_counter()
        answers = super().predict(texts)
        self.seconds.append(time.perf_counter() - started)
        return answers


class CanaryRollout:
    """A running canary: `predict` routes a request to one of the two versions, `evaluate` checks the guards."""

    def __init__(
        self, rollout: EventEntry[events.Canary], challenger: Champion, store: Store, metrics: Metrics
    ) -> None:
        self.rollout, self.challenger = rollout, challenger
        self._store, self._counter, self._metrics = store, RolloutCounter(rollout.hash(), store), metrics
        self._champion_seconds: deque[float] = deque(maxlen=WINDOW)
        self._slow_seconds = math.inf
        self._timed_customers: set[str] = set()
        self._hour_start = time.monotonic()
        self._opinions: FirstOpinions = {}
        self._feedback_counts = (0, 0, 0)  # rows in all, undone, set aside: opinions are read again when they change

    async def predict(self, champion: Champion, customer: str, predict: Predict) -> Predictions:
        """Predictions of the version that answers this customer; of the champion if the challenger fails."""
        if not in_canary(customer, self.rollout):
            return await self._timed(champion, CHAMPION, customer, predict)
        try:
            return await self._timed(self.challenger, CHALLENGER, customer, predict)
        except CLIENT_ERRORS:
            raise
        except Exception as error:  # a challenger may fail in any way: the customer is answered all the same
            # The error's message may contain a text, so only its type is logged.
            log.error("the canary of %s %d failed: %s", self.rollout.model, self.rollout.version, type(error).__name__)
            return await self._counted(champion, CHAMPION, predict)  # on the same texts

    async def _timed(self, version: Champion, arm: str, customer: str, predict: Predict) -> Predictions:
        if not self._first_in_hour(customer):
            return await self._counted(version, arm, predict)
        slow_seconds, stopwatch = self._slow_seconds, Stopwatch(version.packaged)
        predictions = await self._counted(replace(version, cache=stopwatch), arm, predict)
        seconds = sum(stopwatch.seconds) / len(predictions)
        if slow_seconds < math.inf:
            self._counter.count("latency", arm, seconds > slow_seconds)
        if seconds > slow_seconds:
            self._increment(version, "slow")
        if arm == CHAMPION:
            self._champion_seconds.append(seconds)
        return predictions

    async def _counted(self, version: Champion, arm: str, predict: Predict) -> Predictions:
        try:
            predictions = await predict(version)
        except CLIENT_ERRORS:
            raise
        except Exception:  # counted, and raised again: the caller handles it
            self._count_error(version, arm, failed=True)
            raise
        self._count_error(version, arm, failed=False)
        return predictions

    def _count_error(self, version: Champion, arm: str, failed: bool) -> None:
        self._counter.count("errors", arm, failed)
        self._increment(version, "failed" if failed else "answered")

    def _first_in_hour(self, customer: str) -> bool:
        if time.monotonic() - self._hour_start > HOUR:
            self._timed_customers, self._hour_start = set(), time.monotonic()
        timed = customer in self._timed_customers
        self._timed_customers.add(customer)
        return not timed

    def _increment(self, version: Champion, outcome: str) -> None:
        self._metrics.canary.labels(self.rollout.model, version.entry.version, outcome).inc()

    def evaluate(self) -> tuple[str, ...]:
        """Save the counts and return the reasons to abort the canary, if any. Raises SQLAlchemyError."""
        self._counter.flush()
        # A copy, because request threads append meanwhile.
        if len(seconds := self._champion_seconds.copy()) >= MIN_TIMED:
            self._slow_seconds = SLOW_RATIO * quantiles(seconds, n=20)[-1]
        since = started_at(self.rollout)
        if (counts := self._store.feedback_counts(since)) != self._feedback_counts:
            self._opinions = first_opinions(self.rollout, self._store.opinions(self.rollout.model, since))
            self._feedback_counts = counts
        return harm(guard_samples(self.rollout, self._store.rollout_counts(self.rollout.hash()), self._opinions))

    def status(self) -> dict[str, Any]:
        """Share, verdict and guards as plain values."""
        return status(self.rollout, self._store.rollout_counts(self.rollout.hash()), self._opinions)

    def close(self) -> None:
        """Do nothing: a canary holds no thread."""
