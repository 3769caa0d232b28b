"""The champions that the ledger names: loaded and tested, then swapped in."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.inference.packaged import ModelPackage
from pipelines.kinds.kind import Answer
from pipelines.serving.engine.preprocessing import PreparedText
from pipelines.serving.models.ledger_reader import UNREADABLE
from pipelines.serving.models.loading import ModelLoader, load
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.models.served import ServedVersion, VersionSource
from pipelines.serving.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

LEDGER = "the ledger"
RETRY_SECONDS = 15

AnsweredText = tuple[PreparedText, Answer]
LoadPackage = Callable[[ServedVersion, Path], ModelPackage]


class NoChampion(LookupError):
    """A model without a promoted version."""


class NotLoaded(RuntimeError):
    """A champion that exists but is not loaded."""


@dataclass(frozen=True)
class Champion:
    """The version that answers for one model, loaded."""

    entry: ServedVersion
    packaged: ModelPackage
    cache: PredictionCache

    def answer(self, texts: Sequence[PreparedText]) -> list[AnsweredText]:
        """Each text with its answer, in the order of the texts."""
        return list(zip(texts, self.cache.predict(texts), strict=True))


@dataclass(frozen=True)
class ServedModels:
    """The served models at one moment: versions `expected`, versions `loaded`, and an error for each difference."""

    expected: Mapping[str, ServedVersion] = field(default_factory=dict)
    loaded: Mapping[str, Champion] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    ledger_read: bool = False

    @property
    def ready(self) -> bool:
        """True if each expected model is loaded, in its newest version or in the one before while that is broken.

        False while the ledger is invalid: then the champions are unknown.
        """
        return self.ledger_read and LEDGER not in self.errors and all(model in self.loaded for model in self.expected)


class Champions:
    """The champions of one service. `served` is replaced as a whole: a request keeps the champion it started with."""

    def __init__(
        self,
        source: VersionSource,
        cache: Path,
        metrics: Metrics,
        cache_size: int = 0,
        load_package: LoadPackage = load,
    ) -> None:
        self.served = ServedModels()
        self._source, self._metrics, self._cache_size, self._last_read = source, metrics, cache_size, 0.0
        self._loader = ModelLoader(lambda version: load_package(version, cache))

    def find(self, model: str) -> Champion:
        """The champion that answers for the model; raises NoChampion or NotLoaded."""
        served = self.served
        if model in served.loaded:
            return served.loaded[model]
        if model in served.expected or not served.ledger_read:
            raise NotLoaded("the champion of this model is not loaded: /readyz says why")
        if model in self._source.declared:
            raise NoChampion("this model has no champion yet: train it and promote a version")
        raise NoChampion(f"no such model; choose from {', '.join(sorted({*self._source.declared, *served.expected}))}")

    def due(self) -> bool:
        """True if the source changed, a package is being loaded, or an error is old enough to retry."""
        return self._loader.pending or self._stale()

    def refresh(self) -> None:
        """Read the source and swap in new versions; a version that cannot be loaded leaves its predecessor in place."""
        if not self.served.ledger_read or self._stale():
            self._read_source()
        for entry, result in self._loader.completed():
            if self.served.expected.get(entry.model) == entry:  # else another was promoted meanwhile
                self._swap(entry, result)

    def _stale(self) -> bool:
        overdue = bool(self.served.errors) and time.monotonic() - self._last_read > RETRY_SECONDS
        return overdue or self._source.changed()

    def _read_source(self) -> None:
        self._last_read = time.monotonic()
        try:
            expected = self._source.versions()
        except UNREADABLE as error:
            self.served = replace(self.served, errors={**self.served.errors, LEDGER: self._log_failure(LEDGER, error)})
            return
        loaded = {model: champion for model, champion in self.served.loaded.items() if model in expected}
        new = [entry for model, entry in expected.items() if model not in loaded or loaded[model].entry != entry]
        errors = {entry.model: f"version {entry.version}: it is being loaded" for entry in new}
        self.served = ServedModels(expected, loaded, errors, ledger_read=True)
        for entry in new:
            self._loader.submit(entry)

    def _swap(self, entry: ServedVersion, result: ModelPackage | BaseException) -> None:
        model = entry.model
        errors = {other: reason for other, reason in self.served.errors.items() if other != model}
        if isinstance(result, BaseException):
            reason = f"version {entry.version}: {self._log_failure(model, result)}"
            self.served = replace(self.served, errors={**errors, model: reason})
            return
        champion = Champion(entry, result, PredictionCache(result, self._cache_size))
        self.served = replace(self.served, loaded={**self.served.loaded, model: champion}, errors=errors)
        self._metrics.champion.labels(model).set(entry.version)
        log.info("%s version %d answers", model, entry.version)

    def _log_failure(self, name: str, error: BaseException) -> str:
        log.error("%s could not be loaded: %s: %s", name, type(error).__name__, error)
        self._metrics.failures.labels(name).inc()
        return str(error)
