"""The champions that a source names, the ledger for most: loaded, tried, and only then swapped in."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.inference.packaged import Packaged
from pipelines.kinds.kind import Answer
from pipelines.serving.engine.preprocessing import PreparedText
from pipelines.serving.models.background_loading import ModelLoader
from pipelines.serving.models.ledger_reader import UNREADABLE
from pipelines.serving.models.loading import load
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.models.served import ServedVersion, Source
from pipelines.serving.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

LEDGER = "the ledger"
RETRY_SECONDS = 15


Said = tuple[PreparedText, Answer]


class NoChampion(LookupError):
    """A model that nothing was promoted for."""


class NotLoaded(RuntimeError):
    """A champion that exists but could not be loaded."""


@dataclass(frozen=True)
class Champion:
    """The version that answers for one model, loaded."""

    entry: ServedVersion
    packaged: Packaged
    memory: PredictionCache

    def answer(self, texts: Sequence[PreparedText]) -> list[Said]:
        """What it says, in the order of the texts."""
        return list(zip(texts, self.memory.predict(texts), strict=True))


@dataclass(frozen=True)
class ServedModels:
    """What is known at one moment: `named` by the source, `loaded`, and the reasons where these differ."""

    named: Mapping[str, ServedVersion] = field(default_factory=dict)
    loaded: Mapping[str, Champion] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    read: bool = False

    @property
    def ready(self) -> bool:
        """Whether every champion has a version that answers: the newest, or the one before while that is broken.

        Not while the ledger cannot be believed: nobody can tell then whether these are the champions.
        """
        return self.read and LEDGER not in self.problems and all(model in self.loaded for model in self.named)


class Champions:
    """The board of one service. Readers take it whole, so a request ends on the champion it began with."""

    def __init__(self, source: Source, cache: Path, metrics: Metrics, remembered: int = 0) -> None:
        self.board = ServedModels()
        self._source, self._cache, self._metrics = source, cache, metrics
        self._remembered, self._tried, self._loads = remembered, 0.0, ModelLoader(self._load)

    def find(self, model: str) -> Champion:
        """The champion that answers for the model; raises NoChampion or NotLoaded."""
        board = self.board
        if model in board.loaded:
            return board.loaded[model]
        if model in board.named or not board.read:
            raise NotLoaded("its champion is not loaded: /readyz says why")
        if model in self._source.declared:
            raise NoChampion("it has no champion yet: train it and let it be promoted")
        raise NoChampion(f"no such model; choose from {', '.join(sorted({*self._source.declared, *board.named}))}")

    def due(self) -> bool:
        """Whether the source changed, a package arrived, or one failed long enough ago to be tried again."""
        return self._loads.pending or self._stale()

    def refresh(self) -> None:
        """Read the source and swap in what is new; what cannot be loaded leaves the champion before it in place."""
        if not self.board.read or self._stale():
            self._follow()
        for entry, found in self._loads.arrived():
            if self.board.named.get(entry.model) == entry:  # else another was promoted meanwhile
                self._swap(entry, found)

    def _stale(self) -> bool:
        overdue = bool(self.board.problems) and time.monotonic() - self._tried > RETRY_SECONDS
        return overdue or self._source.changed()

    def _follow(self) -> None:
        self._tried = time.monotonic()
        try:
            named = self._source.versions()
        except UNREADABLE as error:
            self.board = replace(self.board, problems={**self.board.problems, LEDGER: self._failed(LEDGER, error)})
            return
        kept = {model: champion for model, champion in self.board.loaded.items() if model in named}
        new = [entry for model, entry in named.items() if model not in kept or kept[model].entry != entry]
        waiting = {entry.model: f"version {entry.version}: it is being loaded" for entry in new}
        self.board = ServedModels(named, kept, waiting, read=True)
        for entry in new:
            self._loads.begin(entry)

    def _swap(self, entry: ServedVersion, found: Packaged | BaseException) -> None:
        model = entry.model
        problems = {other: reason for other, reason in self.board.problems.items() if other != model}
        if isinstance(found, BaseException):
            reason = f"version {entry.version}: {self._failed(model, found)}"
            self.board = replace(self.board, problems={**problems, model: reason})
            return
        champion = Champion(entry, found, PredictionCache(found, self._remembered))
        self.board = replace(self.board, loaded={**self.board.loaded, model: champion}, problems=problems)
        self._metrics.champion.labels(model).set(entry.version)
        log.info("%s version %d answers", model, entry.version)

    def _load(self, entry: ServedVersion) -> Packaged:
        return load(entry, self._cache)

    def _failed(self, what: str, error: BaseException) -> str:
        log.error("%s could not be loaded: %s: %s", what, type(error).__name__, error)
        self._metrics.failures.labels(what).inc()
        return str(error)
