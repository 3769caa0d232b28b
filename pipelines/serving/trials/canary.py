"""A canary: the challenger answers some customers, always the same ones, and is compared with the champion."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Any

from pipelines.promotion.faring import CHALLENGER, CHAMPION, Words, began, fares, first, picked, seen
from pipelines.promotion.guards import harm
from pipelines.serving.champions import Champion
from pipelines.serving.metrics import Metrics
from pipelines.serving.trials.counting import Counting
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

log = logging.getLogger(__name__)

Ask = Callable[[Champion], list[Prediction]]

# A request is slow where a text takes longer than this times what 95 of 100 of the champion's last ones took. Of each
# customer one request an hour counts: whoever sends long texts all day is one customer, and no slow challenger.
SLOWER, LAST, LEAST = 1.5, 1000, 20
HOUR = 3600.0


class NoAnswer(ValueError):
    """A score that is no number: it can neither be sent nor compared."""


class Canary:
    """Requests go through `ask`; what they showed is judged in `settle`."""

    def __init__(self, challenger: Champion, store: Store, metrics: Metrics) -> None:
        self.trial, self.challenger = challenger.entry, challenger
        self._store, self._counting, self._metrics = store, Counting(self.trial.hash(), store), metrics
        self._seconds: deque[float] = deque(maxlen=LAST)
        self._slow = math.inf
        self._timed_once: set[str] = set()
        self._hour = time.monotonic()
        self._words: Words = {}
        self._heard = 0  # the last feedback that was

    def ask(self, champion: Champion, customer: str, ask: Ask) -> list[Prediction]:
        """What the one says that is to answer this customer; the champion, where the challenger fails."""
        if not picked(customer, self.trial):
            return self._timed(champion, CHAMPION, customer, ask)
        try:
            return self._timed(self.challenger, CHALLENGER, customer, ask)
        except Exception as error:  # a challenger may fail in any way: the customer is answered all the same
            # Its message may hold a text.
            log.error("the canary of %s %d: %s", self.trial.model, self.trial.version, type(error).__name__)
            return self._counted(champion, CHAMPION, ask)  # on the same texts

    def _timed(self, champion: Champion, who: str, customer: str, ask: Ask) -> list[Prediction]:
        slow, begun = self._slow, time.perf_counter()
        said = self._counted(champion, who, ask)
        seconds = (time.perf_counter() - begun) / len(said)
        if seconds > slow:
            self._tell(champion, "slow")
        if self._first_of_the_hour(customer):
            if slow < math.inf:
                self._counting.count("latency", who, seconds > slow)
            if who == CHAMPION:
                self._seconds.append(seconds)
        return said

    def _counted(self, champion: Champion, who: str, ask: Ask) -> list[Prediction]:
        said = None
        try:
            said = _sound(ask(champion))
        finally:
            self._counting.count("errors", who, said is None)
            self._tell(champion, "failed" if said is None else "answered")
        return said

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
        if opinions := self._store.opinions(self.trial.model, began(self.trial), self._heard):
            self._words, self._heard = first(self.trial, opinions, self._words), opinions[-1].feedback
        return harm(seen(self.trial, self._store.tallied(self.trial.hash()), self._words))

    def fares(self) -> dict[str, Any]:
        """How it fares, in plain values."""
        return fares(self.trial, self._store.tallied(self.trial.hash()), self._words)

    def close(self) -> None:
        """Nothing is left to be ended."""


def _sound(predictions: Sequence[Prediction]) -> list[Prediction]:
    if not all(math.isfinite(one.score) for one in predictions):
        raise NoAnswer("a score is no number")
    return list(predictions)
