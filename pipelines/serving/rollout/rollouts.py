"""The trials that the ledger names, kept in step with it; what harms is ended here, and said in the ledger."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from pipelines.inference.packaged import Packaged
from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import Abort, Rollout
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.rollout import abort, active_rollouts, answers_some
from pipelines.serving.models.background_loading import ModelLoader
from pipelines.serving.models.champions import Champion
from pipelines.serving.models.ledger_reader import UNREADABLE, LedgerReader
from pipelines.serving.models.loading import load
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.models.served import ServedVersion, served
from pipelines.serving.rollout.canary import Ask, Canary, Said
from pipelines.serving.rollout.shadow import Shadow
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

log = logging.getLogger(__name__)

Running = Canary | Shadow
FAILED = Rollout | Abort  # what the last entry is about a model whose trial could not begin


class Trials:
    """By model, at most one. `problems` are why the last one of a model could not begin."""

    def __init__(
        self,
        ledger: Ledger,
        cache: Path,
        declared: Mapping[str, float],
        store: Store,
        metrics: Metrics,
        remembered: int = 0,
    ) -> None:
        self.running: Mapping[str, Running] = {}
        self.problems: Mapping[str, str] = {}
        self._ledger, self._following, self._cache, self._declared = ledger, LedgerReader(ledger), cache, declared
        self._store, self._metrics, self._remembered = store, metrics, remembered
        self._loads, self._named = ModelLoader(self._load), dict[str, Record[Rollout]]()
        self._over: dict[str, tuple[Entry, Sequence[str]]] = {}  # by hash: aborted here, and not in the ledger yet

    async def ask(self, champion: Champion, customer: str | None, ask: Ask) -> Said:
        """What the champion says, or the challenger where it is this customer's canary."""
        running = self.running.get(champion.entry.model)
        if customer is None or not isinstance(running, Canary):
            return await ask(champion)
        return await running.ask(champion, customer, ask)

    def copy(self, predictions: Sequence[Prediction]) -> None:
        """Show a shadow what was answered; a paused model answered nothing of its own, and has no payload."""
        running = self.running.get(predictions[0].model)
        if isinstance(running, Shadow) and predictions[0].payload:
            running.copy(predictions)

    def author(self, champion: Champion, predictions: Sequence[Prediction]) -> Champion:
        """Who made these predictions: the champion, or the challenger that stands beside it."""
        running = self.running.get(champion.entry.model)
        if running and running.trial.version == predictions[0].version:
            return running.challenger
        return champion

    def fares(self, model: str) -> dict[str, Any] | None:
        """How the trial of a model fares, in plain values; None without one. Takes some hundredths of a second."""
        running = self.running.get(model)
        return running.fares() if running else None

    def due(self) -> bool:
        """Whether the ledger changed, or there is something to be judged or said."""
        return bool(self.running or self._over) or self._loads.pending or self._following.changed()

    def refresh(self) -> None:
        """Begin and end what the ledger names, and end what does harm."""
        if self._following.changed():
            self._follow()
        for version, found in self._loads.arrived():
            trial = self._named.get(version.model)
            if trial and trial.hash() == version.key:  # else it is over before it began
                self._begin(trial, version, found)
        for running in list(self.running.values()):
            self._judge(running)
        for ended, reasons in list(self._over.values()):
            self._say(ended, reasons)

    def close(self) -> None:
        """Keep what was counted."""
        for running in self.running.values():
            running.close()
            self._judge(running)

    def _follow(self) -> None:
        try:
            entries = self._following.entries()
        except UNREADABLE:  # the champions' reader tells people about it; nothing begins or ends meanwhile
            self._following.forget()
            return
        named = self._named = active_rollouts(entries)
        for model, running in self.running.items():
            if named.get(model) != running.trial:
                self._end(model)
        last = {entry.model: entry for entry in entries}
        self.problems = {model: why for model, why in self.problems.items() if isinstance(last[model].event, FAILED)}
        for model, trial in named.items():
            if model not in self.running and trial.hash() not in self._over:
                self._loads.begin(served(trial, self._declared))

    def _load(self, version: ServedVersion) -> Packaged:
        return load(version, self._cache)

    def _begin(self, trial: Record[Rollout], version: ServedVersion, found: Packaged | BaseException) -> None:
        if isinstance(found, BaseException):  # the champion answers all
            why = f"the {trial.event.tag} of version {trial.version} could not be loaded: {found}"
            log.error("%s: %s", trial.model, why)
            self.problems = {**self.problems, trial.model: why}
            self._over[trial.hash()] = trial, (why,)
            return
        self.problems = {model: why for model, why in self.problems.items() if model != trial.model}
        challenger = Champion(version, found, PredictionCache(found, self._remembered))
        self.running = {**self.running, trial.model: self._running(trial, challenger)}
        log.info("%s: the %s of version %d begins", trial.model, trial.event.tag, trial.version)

    def _running(self, trial: Record[Rollout], challenger: Champion) -> Running:
        if answers_some(trial):
            return Canary(trial, challenger, self._store, self._metrics)
        return Shadow(trial, challenger, self._store, self._metrics)

    def _end(self, model: str) -> None:
        running = self.running[model]
        self.running = {other: one for other, one in self.running.items() if other != model}
        running.close()
        log.info("%s: the %s of version %d is over", model, running.trial.event.tag, running.trial.version)

    def _judge(self, running: Running) -> None:
        try:
            reasons = running.settle()
        except SQLAlchemyError as error:  # the next look is in half a second
            log.error("%s could not be judged: %s", running.trial.model, type(error).__name__)
            return
        except Exception as error:  # whatever it is, nobody answers customers who cannot be judged
            reasons = (f"it could not be judged: {type(error).__name__}",)
        if reasons:
            self._over[running.trial.hash()] = running.trial, reasons
            self._end(running.trial.model)

    def _say(self, trial: Entry, reasons: Sequence[str]) -> None:
        try:
            abort(self._ledger, trial, reasons)
        except UNREADABLE as error:  # it is over all the same; said as soon as the ledger can be written
            log.error("the end of a trial of %s is not in the ledger: %s", trial.model, error)
        else:
            log.error("%s %d aborted: %s", trial.model, trial.version, "; ".join(reasons))
            del self._over[trial.hash()]
