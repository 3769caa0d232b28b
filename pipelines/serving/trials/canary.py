"""A canary: the challenger answers some customers, always the same ones, and is compared with the champion."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Any

from pipelines.promotion.faring import CHALLENGER, CHAMPION, began, fares, picked, seen
from pipelines.promotion.guards import harm
from pipelines.serving.champions import Champion
from pipelines.serving.metrics import Metrics
from pipelines.serving.trials.counting import Counting
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.trials import Opinion

log = logging.getLogger(__name__)

Ask = Callable[[Champion], list[Prediction]]

# A request is slow where a text takes longer than this times what 95 of 100 of the champion's last ones took.
SLOWER, LAST, LEAST = 1.5, 1000, 20


class NoAnswer(ValueError):
    """A score that is no number: it can neither be sent nor compared."""


class Canary:
    """Requests go through `ask`; what they showed is judged in `settle`."""

    def __init__(self, challenger: Champion, store: Store, metrics: Metrics) -> None:
        self.trial, self.challenger = challenger.entry, challenger
        self._store, self._counting, self._metrics = store, Counting(self.trial.hash(), store), metrics
        self._seconds: deque[float] = deque(maxlen=LAST)
        self._slow = math.inf
        self._opinions: list[Opinion] = []

    def ask(self, champion: Champion, customer: str, ask: Ask) -> list[Prediction]:
        """What the one says that is to answer this customer; the champion, where the challenger fails."""
        if not picked(customer, self.trial):
            return self._timed(champion, CHAMPION, ask)
        try:
            return self._timed(self.challenger, CHALLENGER, ask)
        except Exception as error:  # a challenger may fail in any way: the customer is answered all the same
            # Its message may hold a text.
            log.error("the canary of %s %d: %s", self.trial.model, self.trial.version, type(error).__name__)
            said = ask(champion)
            self._counting.count("errors", CHAMPION, False)  # on the same texts
            return said

    def _timed(self, champion: Champion, who: str, ask: Ask) -> list[Prediction]:
        begun, slow, said = time.perf_counter(), self._slow, None
        try:
            said = _sound(ask(champion))
        finally:
            self._counting.count("errors", who, said is None)
            self._tell(champion, "failed" if said is None else "answered")
        seconds = (time.perf_counter() - begun) / len(said)
        if slow < math.inf:
            self._counting.count("latency", who, seconds > slow)
        if who == CHAMPION:
            self._seconds.append(seconds)
        if seconds > slow:
            self._tell(champion, "slow")
        return said

    def _tell(self, champion: Champion, outcome: str) -> None:
        self._metrics.canary.labels(self.trial.model, champion.entry.version, outcome).inc()

    def settle(self) -> tuple[str, ...]:
        """Keep the counts, and say why it is to be aborted, if it is. Raises SQLAlchemyError."""
        self._counting.hand_on()
        # A copy first: others go on appending.
        if len(known := self._seconds.copy()) >= LEAST:
            self._slow = SLOWER * quantiles(known, n=20)[-1]
        after = self._opinions[-1].feedback if self._opinions else 0
        self._opinions += self._store.opinions(self.trial.model, began(self.trial), after)
        return harm(seen(self.trial, self._store.tallied(self.trial.hash()), self._opinions))

    def fares(self) -> dict[str, Any]:
        """How it fares, in plain values."""
        return fares(self.trial, self._store.tallied(self.trial.hash()), self._opinions)

    def close(self) -> None:
        """Nothing is left to be ended."""


def _sound(predictions: Sequence[Prediction]) -> list[Prediction]:
    if not all(math.isfinite(one.score) for one in predictions):
        raise NoAnswer("a score is no number")
    return list(predictions)
