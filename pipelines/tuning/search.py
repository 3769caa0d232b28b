"""Search: the declared recipe first, then other backbones, then proposals, then the best with other seeds."""

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.snapshot import Snapshot, read
from pipelines.kinds.known import find_kind
from pipelines.training.challenger import ENGINE, training_key
from pipelines.training.optimisation.training_loop import ProgressCallback
from pipelines.tuning.choice import candidates, choose, finalists
from pipelines.tuning.space import Backbone, Space, fit_to_backbone, make_space
from pipelines.tuning.study import Study, open_study
from pipelines.tuning.trial import Result, Trial
from pipelines.tuning.trial_runner import TrialRunner
from pipelines.tuning.tuning_result import Plan, Tuning

SEEDS = 3  # runs of each finalist
SEARCH = 2 / 3  # of the time; the rest is for the finalists' other seeds
ProgressContext = Callable[[str], AbstractContextManager[ProgressCallback]]
TrialCallback = Callable[[Trial], None]


def study_name(train: Snapshot, spec: ModelSpec, space: Space) -> str:
    """Name of the study: its trials share rows, declaration, engine and space, so that they compare."""
    content = training_key(train.digest, spec, None) + ENGINE + space.model_dump_json()
    return f"{spec.name}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def tune(
    train: Snapshot, spec: ModelSpec, plan: Plan, file: Path, progress_for: ProgressContext, on_trial: TrialCallback
) -> Tuning:
    """Search within the plan and choose; `on_trial` is called with every trial, also those of an earlier process."""
    space = make_space(spec, plan.bases)
    runner, name = TrialRunner(read(train), spec, plan.seed), study_name(train, spec, space)
    with open_study(file, name, space, spec.recipe, plan.seed) as study:
        search = Search(study, runner, plan, progress_for, on_trial)
        search.run()
        trials = study.trials()
    declared = declared_trial(trials)
    choice = choose(candidates(trials, declared), declared, find_kind(spec.kind).score[1])
    seconds = sum(trial.seconds for trial in trials)
    return Tuning(spec.name, name, train.digest, plan, spec, declared, tuple(trials), choice, seconds)


class Search:
    """One process's part of a tuning. A trial starts only if it fits in the remaining time."""

    def __init__(
        self, study: Study, runner: TrialRunner, plan: Plan, progress_for: ProgressContext, on_trial: TrialCallback
    ) -> None:
        self.study, self.runner, self.plan = study, runner, plan
        self.progress_for, self.on_trial = progress_for, on_trial
        earlier = study.trials()
        self.deadline = time.perf_counter() + plan.minutes * 60 - _seconds_used(earlier)
        for trial in earlier:
            on_trial(trial)

    def run(self) -> None:
        """Search, then repeat the best."""
        self._try_backbones()
        self._retry_killed()
        reserve = self.plan.minutes * 60 * (1 - SEARCH)
        while _search_trials(self.study.trials()) < self.plan.trials and self._fits(self._mean_seconds(), reserve):
            self._try(None)
        self._repeat_best()

    def _try_backbones(self) -> None:
        """Try the declared recipe on every backbone, its own first."""
        declared = self.study.declared
        for index, backbone in enumerate(self.study.space.backbones):
            if index not in {trial.first for trial in _settled(self.study.trials())} and self._fits(
                self._mean_seconds()
            ):
                self._try((backbone, fit_to_backbone(backbone, declared) if index else declared), first=index)

    def _retry_killed(self) -> None:
        """Repeat each proposal that a kill ended, once."""
        trials = self.study.trials()
        for trial in trials:
            is_lost = trial.end == "killed" and trial.first is None and trial.repeats is None and trial.again is None
            if is_lost and trial.number not in {other.again for other in trials} and self._fits(self._mean_seconds()):
                self._try((trial.backbone, trial.recipe), again=trial.number)

    def _repeat_best(self) -> None:
        """Repeat the finalists with other seeds, seed by seed, so that all have equally many when time is up."""
        trials = self.study.trials()
        best = finalists(trials, declared_trial(trials))
        done = {(trial.repeats, trial.recipe.seed) for trial in _settled(trials)}
        for seed in range(1, SEEDS):
            for finalist in best if len(best) > 1 else []:
                recipe = finalist.recipe.model_copy(update={"seed": finalist.recipe.seed + seed})
                if (finalist.number, recipe.seed) in done:
                    continue
                if not self._fits(finalist.seconds):
                    return
                self._try((finalist.backbone, recipe), repeats=finalist.number)

    def _try(self, point: tuple[Backbone, Recipe] | None, **marks: int) -> None:
        self.on_trial(self.study.run(self._run_trial, point, **marks))

    def _run_trial(self, backbone: Backbone, recipe: Recipe, report: ProgressCallback) -> Result:
        with self.progress_for(f"trial {len(self.study.trials())}") as show:

            def progress(step: int, steps: int, loss: float, score: float | None) -> None:
                show(step, steps, loss, score)
                report(step, steps, loss, score)

            return self.runner.run(backbone, recipe, progress, self._seconds_left())

    def _seconds_left(self) -> float:
        return self.deadline - time.perf_counter()

    def _mean_seconds(self) -> float:
        """Mean seconds of a finished trial."""
        seconds = [trial.seconds for trial in self.study.trials() if trial.result]
        return sum(seconds) / len(seconds) if seconds else 0.0

    def _fits(self, seconds: float, reserve: float = 0.0) -> bool:
        return self._seconds_left() - reserve > seconds


def declared_trial(trials: list[Trial]) -> int | None:
    """Number of the declared recipe's trial; None before it has run."""
    return next((trial.number for trial in _settled(trials) if trial.first == 0), None)


def _settled(trials: list[Trial]) -> list[Trial]:
    """Trials that need not be repeated: all but those that a kill or the end of the time cut short."""
    return [trial for trial in trials if trial.end not in ("killed", "over budget")]


def _seconds_used(trials: list[Trial]) -> float:
    """Seconds that count against the plan; 0 while no trial has finished, since then nothing can be resumed."""
    return sum(trial.seconds for trial in trials) if any(trial.result for trial in trials) else 0.0


def _search_trials(trials: list[Trial]) -> int:
    """Number of trials of the search, without repeats and killed ones."""
    return sum(trial.repeats is None and trial.end != "killed" for trial in trials)
