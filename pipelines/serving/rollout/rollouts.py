"""The running shadows and canaries: follows the ledger, and aborts a canary that harms."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from pipelines.inference.packaged import ModelPackage
from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import Abort, Rollout
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import active_rollouts, is_canary
from pipelines.promotion.rollout import abort_rollout
from pipelines.serving.models.champions import Champion, LoadPackage
from pipelines.serving.models.ledger_reader import UNREADABLE, LedgerReader
from pipelines.serving.models.loading import ModelLoader, load
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.models.served import ServedVersion, served_version
from pipelines.serving.rollout.canary import CanaryRollout, Predict, Predictions
from pipelines.serving.rollout.shadow import ShadowRollout
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

log = logging.getLogger(__name__)

Running = CanaryRollout | ShadowRollout
START_FAILED = Rollout | Abort  # the last event of a model whose rollout could not start


class Rollouts:
    """The running rollouts, at most one for each model; `errors` says by model why a rollout could not start."""

    def __init__(
        self,
        ledger: Ledger,
        cache: Path,
        declared: Mapping[str, float],
        store: Store,
        metrics: Metrics,
        cache_size: int = 0,
        load_package: LoadPackage = load,
    ) -> None:
        self.running: Mapping[str, Running] = {}
        self.errors: Mapping[str, str] = {}
        self._ledger, self._reader, self._declared = ledger, LedgerReader(ledger), declared
        self._store, self._metrics, self._cache_size = store, metrics, cache_size
        self._loader = ModelLoader(lambda version: load_package(version, cache))
        self._active: dict[str, EventEntry[Rollout]] = {}
        self._aborted: dict[str, tuple[Entry, Sequence[str]]] = {}  # by hash: aborted here, not in the ledger yet

    async def predict(self, champion: Champion, customer: str | None, predict: Predict) -> Predictions:
        """Predictions of the champion, or of the canary that answers this customer."""
        running = self.running.get(champion.entry.model)
        if customer is None or not isinstance(running, CanaryRollout):
            return await predict(champion)
        return await running.predict(champion, customer, predict)

    def copy_to_shadow(self, predictions: Sequence[Prediction]) -> None:
        """Queue copies for the model's shadow, if it has one; answers of a paused model have no payload to compare."""
        running = self.running.get(predictions[0].model)
        if isinstance(running, ShadowRollout) and predictions[0].payload:
            running.enqueue(predictions)

    def author(self, champion: Champion, predictions: Sequence[Prediction]) -> Champion:
        """The version that made these predictions: the champion, or the challenger beside it."""
        running = self.running.get(champion.entry.model)
        if running and running.rollout.version == predictions[0].version:
            return running.challenger
        return champion

    def status(self, model: str) -> dict[str, Any] | None:
        """The status of a model's rollout as plain values, None without one. Takes some hundredths of a second."""
        running = self.running.get(model)
        return running.status() if running else None

    def due(self) -> bool:
        """True if the ledger changed, a rollout runs, or an abort is not in the ledger yet."""
        return bool(self.running or self._aborted) or self._loader.pending or self._reader.changed()

    def refresh(self) -> None:
        """Start and stop rollouts as the ledger says, and abort those whose guards found harm."""
        if self._reader.changed():
            self._read_ledger()
        for version, loaded in self._loader.completed():
            rollout = self._active.get(version.model)
            if rollout and rollout.hash() == version.key:  # else it ended while its package was loaded
                self._start(rollout, version, loaded)
        for running in list(self.running.values()):
            self._evaluate(running)
        for aborted, reasons in list(self._aborted.values()):
            self._record_abort(aborted, reasons)

    def close(self) -> None:
        """Stop all rollouts and save their counts."""
        for running in self.running.values():
            running.close()
            self._evaluate(running)

    def _read_ledger(self) -> None:
        try:
            entries = self._reader.entries()
        except UNREADABLE:  # the reader of the champions reports it; no rollout starts or stops meanwhile
            self._reader.forget()
            return
        active = self._active = active_rollouts(entries)
        for model, running in self.running.items():
            if active.get(model) != running.rollout:
                self._stop(model)
        last = {entry.model: entry for entry in entries}
        self.errors = {model: why for model, why in self.errors.items() if isinstance(last[model].event, START_FAILED)}
        for model, rollout in active.items():
            if model not in self.running and rollout.hash() not in self._aborted:
                self._loader.submit(served_version(rollout, self._declared))

    def _start(
        self, rollout: EventEntry[Rollout], version: ServedVersion, loaded: ModelPackage | BaseException
    ) -> None:
        if isinstance(loaded, BaseException):  # the champion answers all
            error = f"the {rollout.event.tag} of version {rollout.version} could not be loaded: {loaded}"
            log.error("%s: %s", rollout.model, error)
            self.errors = {**self.errors, rollout.model: error}
            self._aborted[rollout.hash()] = rollout, (error,)
            return
        self.errors = {model: error for model, error in self.errors.items() if model != rollout.model}
        challenger = Champion(version, loaded, PredictionCache(loaded, self._cache_size))
        self.running = {**self.running, rollout.model: self._create(rollout, challenger)}
        log.info("%s: the %s of version %d starts", rollout.model, rollout.event.tag, rollout.version)

    def _create(self, rollout: EventEntry[Rollout], challenger: Champion) -> Running:
        if is_canary(rollout):
            return CanaryRollout(rollout, challenger, self._store, self._metrics)
        return ShadowRollout(rollout, challenger, self._store, self._metrics)

    def _stop(self, model: str) -> None:
        stopped = self.running[model]
        self.running = {other: running for other, running in self.running.items() if other != model}
        stopped.close()
        log.info("%s: the %s of version %d has ended", model, stopped.rollout.event.tag, stopped.rollout.version)

    def _evaluate(self, running: Running) -> None:
        try:
            reasons = running.evaluate()
        except SQLAlchemyError as error:  # tried again in half a second
            log.error("the rollout of %s could not be judged: %s", running.rollout.model, type(error).__name__)
            return
        except Exception as error:  # a version that cannot be judged, for whatever reason, answers no customers
            reasons = (f"it could not be judged: {type(error).__name__}",)
        if reasons:
            self._aborted[running.rollout.hash()] = running.rollout, reasons
            self._stop(running.rollout.model)

    def _record_abort(self, rollout: Entry, reasons: Sequence[str]) -> None:
        try:
            abort_rollout(self._ledger, rollout, reasons)
        except UNREADABLE as error:  # the rollout has ended all the same; recorded once the ledger can be written
            log.error("the abort of the rollout of %s is not in the ledger yet: %s", rollout.model, error)
        else:
            log.error("the rollout of %s %d was aborted: %s", rollout.model, rollout.version, "; ".join(reasons))
            del self._aborted[rollout.hash()]
