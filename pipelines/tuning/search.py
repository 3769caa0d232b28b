"""The search itself: declared recipe first, then other backbones, then proposals, then the best with other seeds."""

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.snapshot import Snapshot, read
from pipelines.kinds.known import find
from pipelines.training.challenger import ENGINE, training_key
from pipelines.training.optimisation.training_loop import Watch
from pipelines.tuning.choice import Choice, candidates, choose, finalists
from pipelines.tuning.space import Backbone, Space, on, space_of
from pipelines.tuning.study import Study, opened
from pipelines.tuning.trial import Result, Trial
from pipelines.tuning.trial_runner import TrialRunner

SEEDS = 3  # runs of each finalist
SEARCH = 2 / 3  # of the time; the rest is for the finalists' other seeds
Watched = Callable[[str], AbstractContextManager[Watch]]
Seen = Callable[[Trial], None]


@dataclass(frozen=True)
class Plan:
    """How much may be tried: minutes and proposals in all, over every run that took this tuning up again."""

    minutes: float = 20.0
    trials: int = 60
    seed: int = 0
    bases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tuning:
    """What was tried on one snapshot, and what is chosen; `declared` is the number of the declared recipe's trial."""

    model: str
    study: str
    snapshot: str
    plan: Plan
    spec: ModelSpec
    declared: int | None
    trials: tuple[Trial, ...]
    choice: Choice
    seconds: float

    @property
    def chosen(self) -> ModelSpec:
        """The declaration with the chosen base and recipe, everything else as it was."""
        found = next((one for one in self.trials if one.number == self.choice.trial), None)
        return (
            self.spec.model_copy(update={"base": found.backbone.base, "recipe": found.recipe}) if found else self.spec
        )


def study_of(train: Snapshot, spec: ModelSpec, space: Space) -> str:
    """The name under which trials can be compared: same rows, same declaration, same engine, same space."""
    said = training_key(train.digest, spec, None) + ENGINE + space.model_dump_json()
    return f"{spec.name}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def tune(train: Snapshot, spec: ModelSpec, plan: Plan, file: Path, watched: Watched, seen: Seen) -> Tuning:
    """Search within the plan and choose; `seen` hears of every trial, also of those an earlier process finished."""
    space = space_of(spec, plan.bases)
    bench, name = TrialRunner(read(train), spec, plan.seed), study_of(train, spec, space)
    with opened(file, name, space, spec.recipe, plan.seed) as study:
        search = Search(study, bench, plan, watched, seen)
        search.run()
        trials = study.trials()
    declared = declared_in(trials)
    choice = choose(candidates(trials, declared), declared, find(spec.kind).score[1])
    seconds = sum(one.seconds for one in trials)
    return Tuning(spec.name, name, train.digest, plan, spec, declared, tuple(trials), choice, seconds)


class Search:
    """One process's part of a tuning. No trial starts that would not fit in the time that is left."""

    def __init__(self, study: Study, bench: TrialRunner, plan: Plan, watched: Watched, seen: Seen) -> None:
        self.study, self.bench, self.plan, self.watched, self.seen = study, bench, plan, watched, seen
        before = study.trials()
        self.deadline = time.perf_counter() + plan.minutes * 60 - _spent(before)
        for one in before:
            seen(one)

    def run(self) -> None:
        """Search, then repeat the best."""
        self._first()
        self._again()
        reserve = self.plan.minutes * 60 * (1 - SEARCH)
        while _searched(self.study.trials()) < self.plan.trials and self._fits(self._usual(), reserve):
            self._try(None)
        self._repeat()

    def _first(self) -> None:
        """The declared recipe on every backbone, its own before all others."""
        declared = self.study.declared
        for index, backbone in enumerate(self.study.space.backbones):
            if index not in {one.first for one in _counted(self.study.trials())} and self._fits(self._usual()):
                self._try((backbone, on(backbone, declared) if index else declared), first=index)

    def _again(self) -> None:
        """Proposals that a kill ended, once more each."""
        trials = self.study.trials()
        for one in trials:
            lost = one.end == "killed" and one.first is None and one.repeats is None and one.again is None
            if lost and one.number not in {other.again for other in trials} and self._fits(self._usual()):
                self._try((one.backbone, one.recipe), again=one.number)

    def _repeat(self) -> None:
        """The finalists with other seeds, seed by seed, so that all have equally many when time is up."""
        trials = self.study.trials()
        best = finalists(trials, declared_in(trials))
        done = {(one.repeats, one.recipe.seed) for one in _counted(trials)}
        for seed in range(1, SEEDS):
            for one in best if len(best) > 1 else []:
                recipe = one.recipe.model_copy(update={"seed": one.recipe.seed + seed})
                if (one.number, recipe.seed) in done:
                    continue
                if not self._fits(one.seconds):
                    return
                self._try((one.backbone, recipe), repeats=one.number)

    def _try(self, wanted: tuple[Backbone, Recipe] | None, **marks: int) -> None:
        self.seen(self.study.run(self._work, wanted, **marks))

    def _work(self, backbone: Backbone, recipe: Recipe, listen: Watch) -> Result:
        with self.watched(f"trial {len(self.study.trials())}") as show:

            def both(step: int, steps: int, loss: float, score: float | None) -> None:
                show(step, steps, loss, score)
                listen(step, steps, loss, score)

            return self.bench.run(backbone, recipe, both, self._left())

    def _left(self) -> float:
        return self.deadline - time.perf_counter()

    def _usual(self) -> float:
        """Mean seconds of a trial so far."""
        seen = [one.seconds for one in self.study.trials() if one.result]
        return sum(seen) / len(seen) if seen else 0.0

    def _fits(self, seconds: float, reserve: float = 0.0) -> bool:
        return self._left() - reserve > seconds


def declared_in(trials: list[Trial]) -> int | None:
    """The number of the declared recipe's trial, once it has run."""
    return next((one.number for one in _counted(trials) if one.first == 0), None)


def _counted(trials: list[Trial]) -> list[Trial]:
    """Trials that need not be tried again: all but those that a kill or the end of the time cut short."""
    return [one for one in trials if one.end not in ("killed", "over budget")]


def _spent(trials: list[Trial]) -> float:
    """Seconds that count against the plan; time in which nothing at all finished has left nothing to go on from."""
    return sum(one.seconds for one in trials) if any(one.result for one in trials) else 0.0


def _searched(trials: list[Trial]) -> int:
    return sum(one.repeats is None and one.end != "killed" for one in trials)
