"""A canary: the challenger answers some customers, always the same ones, and is compared with the champion."""

import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from statistics import quantiles
from typing import Any

from pipelines.inference.packaged import Packaged
from pipelines.kinds.kind import Answer
from pipelines.ledger import events
from pipelines.ledger.entry import Record
from pipelines.promotion.guards import harm
from pipelines.promotion.rollout_status import (
    CHALLENGER,
    CHAMPION,
    FirstOpinions,
    first,
    guard_samples,
    in_canary,
    started_at,
    status,
)
from pipelines.serving.engine.preprocessing import PreparedText
from pipelines.serving.engine.unanswerable import ClientDisconnected, EmptyText
from pipelines.serving.models.champions import Champion
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.rollout.counting import Counting
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

log = logging.getLogger(__name__)

Said = list[Prediction]
Ask = Callable[[Champion], Awaitable[Said]]

# A request is slow where a text takes longer than this times what 95 of 100 of the champion's last ones took. Of each
# customer one request an hour counts: whoever sends long texts all day is one customer, and no slow challenger.
SLOWER, LAST, LEAST = 1.5, 1000, 20
HOUR = 3600.0
# What a customer is to blame for, and no model.
CUSTOMERS = EmptyText, ClientDisconnected


class Stopwatch(PredictionCache):
    """Remembers nothing, and how long the network took: what comes from a memory says nothing of a model."""

    def __init__(self, packaged: Packaged) -> None:
        super().__init__(packaged, 0)
        self.spent: list[float] = []

    def predict(self, texts: Sequence[PreparedText]) -> list[Answer]:
        """What the model answers, timed."""
        begun = time.perf_counter()
        found = super().predict(texts)
        self.spent.append(time.perf_counter() - begun)
        return found


class Canary:
    """Requests go through `ask`; what they showed is judged in `settle`."""

    def __init__(self, trial: Record[events.Canary], challenger: Champion, store: Store, metrics: Metrics) -> None:
        self.trial, self.challenger = trial, challenger
        self._store, self._counting, self._metrics = store, Counting(self.trial.hash(), store), metrics
        self._seconds: deque[float] = deque(maxlen=LAST)
        self._slow = math.inf
        self._timed_once: set[str] = set()
        self._hour = time.monotonic()
        self._words: FirstOpinions = {}
        self._heard = (0, 0, 0)  # how much was said by then, taken back and set aside

    async def ask(self, champion: Champion, customer: str, ask: Ask) -> Said:
        """What the one says that is to answer this customer; the champion, where the challenger fails."""
        if not in_canary(customer, self.trial):
            return await self._timed(champion, CHAMPION, customer, ask)
        try:
            return await self._timed(self.challenger, CHALLENGER, customer, ask)
        except CUSTOMERS:
            raise
        except Exception as error:  # a challenger may fail in any way: the customer is answered all the same
            # Its message may hold a text.
            log.error("the canary of %s %d: %s", self.trial.model, self.trial.version, type(error).__name__)
            return await self._counted(champion, CHAMPION, ask)  # on the same texts

    async def _timed(self, champion: Champion, who: str, customer: str, ask: Ask) -> Said:
        if not self._first_of_the_hour(customer):
            return await self._counted(champion, who, ask)
        slow, watch = self._slow, Stopwatch(champion.packaged)
        said = await self._counted(replace(champion, memory=watch), who, ask)
        seconds = sum(watch.spent) / len(said)
        if slow < math.inf:
            self._counting.count("latency", who, seconds > slow)
        if seconds > slow:
            self._tell(champion, "slow")
        if who == CHAMPION:
            self._seconds.append(seconds)
        return said

    async def _counted(self, champion: Champion, who: str, ask: Ask) -> Said:
        try:
            said = await ask(champion)
        except CUSTOMERS:
            raise
        except Exception:  # counted, and raised again: who asked decides what comes of it
            self._note(champion, who, failed=True)
            raise
        self._note(champion, who, failed=False)
        return said

    def _note(self, champion: Champion, who: str, failed: bool) -> None:
        self._counting.count("errors", who, failed)
        self._tell(champion, "failed" if failed else "answered")

    def _first_of_the_hour(self, customer: str) -> bool:
        if time.monotonic() - self._hour > HOUR:
            self._timed_once, self._hour = set(), time.monotonic()
        known = customer in self._timed_once
        self._timed_once.add(customer)
        return not known

    def _tell(self, champion: Champion, outcome: str) -> None:
        self._metrics.canary.labels(self.trial.model, champion.entry.version, outcome).inc()

    def settle(self) -> tuple[str, ...]:
        """Keep the counts, and say why it is to be aborted, if it is. Raises SQLAlchemyError."""
        self._counting.hand_on()
        # A copy first: others go on appending.
        if len(known := self._seconds.copy()) >= LEAST:
            self._slow = SLOWER * quantiles(known, n=20)[-1]
        since = started_at(self.trial)
        if (heard := self._store.heard(since)) != self._heard:
            self._words = first(self.trial, self._store.opinions(self.trial.model, since))
            self._heard = heard
        return harm(guard_samples(self.trial, self._store.tallied(self.trial.hash()), self._words))

    def fares(self) -> dict[str, Any]:
        """How it fares, in plain values."""
        return status(self.trial, self._store.tallied(self.trial.hash()), self._words)

    def close(self) -> None:
        """Nothing is left to be ended."""
