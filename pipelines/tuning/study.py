"""Study: trials in Optuna's SQLite storage, which also proposes recipes and stops hopeless trials.

Proposals are those of TPE (Bergstra and others, 2011); a trial whose best score so far is below the median of the
others at the same epoch is stopped. No other module uses Optuna.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import MedianPruner
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, TrialState
from pydantic import TypeAdapter

from pipelines.catalog.recipe import Recipe
from pipelines.training.optimisation.cost import OverBudget
from pipelines.training.optimisation.descent import Diverged
from pipelines.training.optimisation.training_loop import ProgressCallback
from pipelines.tuning.space import CHOICES, Backbone, Space
from pipelines.tuning.trial import Result, Trial

RANDOM = 5  # trials before TPE has enough to go by
FIRST_CHECK = 2  # epoch: after one epoch a long schedule has hardly started
Work = Callable[[Backbone, Recipe, ProgressCallback], Result]
KILLED = {"end": "killed", "note": "its process was killed", "seconds": 0.0}
_RESULT, _TRIAL = TypeAdapter(Result), TypeAdapter(Trial)


class Study:
    """The trials of one model, snapshot and space. Finished trials survive the end of this process."""

    def __init__(self, study: optuna.Study, space: Space, declared: Recipe) -> None:
        self.study, self.space, self.declared = study, space, declared

    def trials(self) -> list[Trial]:
        """All ended trials, in order, without those that were killed before their recipe was known."""
        ended = (trial for trial in self.study.trials if trial.state.is_finished())
        return [_to_trial(trial) for trial in ended if "recipe" in trial.user_attrs]

    def run(self, work: Work, fixed: tuple[Backbone, Recipe] | None = None, **marks: int) -> Trial:
        """Run one trial to its end: the given recipe, which no median stops, or a proposal of Optuna."""
        if fixed:
            attributes = {"backbone": fixed[0].model_dump(), "recipe": fixed[1].model_dump(mode="json"), **marks}
            self.study.enqueue_trial(self.space.point(*fixed), attributes)
        trial = self.study.ask(distributions(self.space))
        if not fixed:
            backbone, recipe = self.space.recipe(trial.params, self.declared)
            trial.set_user_attr("backbone", backbone.model_dump())
            trial.set_user_attr("recipe", recipe.model_dump(mode="json"))
        self._finish(trial, work, may_stop=not fixed)
        return _to_trial(self.study.trials[trial.number])

    def _finish(self, trial: optuna.Trial, work: Work, *, may_stop: bool) -> None:
        started = time.perf_counter()
        result, state = None, TrialState.PRUNED
        end, note = "stopped early", "below the median of the other trials at the same epoch"
        try:
            result = work(*_point_of(trial.user_attrs), _reporter(trial, may_stop=may_stop))
            end, note, state = "finished", "", TrialState.COMPLETE
        except Diverged as error:
            end, note = "diverged", str(error)
        except OverBudget as error:
            end, note, state = "over budget", str(error), TrialState.FAIL
        except optuna.TrialPruned:
            pass
        except Exception as error:  # for example out of memory on a larger base: other trials go on
            end, note, state = "refused", f"{type(error).__name__}: {error}", TrialState.FAIL
        seconds = time.perf_counter() - started
        document = _RESULT.dump_python(result, mode="json") if result else None
        trial.set_user_attr("ended", {"end": end, "note": note, "seconds": seconds, "result": document})
        self.study.tell(trial, result.score if result else None, state=state)


@contextmanager
def open_study(file: Path, name: str, space: Space, declared: Recipe, seed: int) -> Iterator[Study]:
    """Create or resume the study of that name; trials that a killed process left running are marked failed."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    file.parent.mkdir(parents=True, exist_ok=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}", engine_kwargs={"creator": lambda: _connect(file)})
    try:
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            direction="maximize",
            pruner=MedianPruner(n_startup_trials=RANDOM - 1, n_warmup_steps=FIRST_CHECK),
            load_if_exists=True,
        )
        # A sampler that restarts with the same seed would repeat its proposals.
        study.sampler = TPESampler(seed=seed + len(study.trials), n_startup_trials=RANDOM)
        for running in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(running.number, state=TrialState.FAIL)
        yield Study(study, space, declared)
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _connect(file: Path) -> sqlite3.Connection:
    """Open the database with a write-ahead log: a trial has some thirty commits, and each would wait for the disk."""
    connection = sqlite3.connect(file, timeout=60, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The ranges and choices of a space, as Optuna draws from them."""
    choices = {name: CategoricalDistribution(range(len(getattr(space, name)))) for name in CHOICES}
    return {
        "backbone": CategoricalDistribution(range(len(space.backbones))),
        "rate": FloatDistribution(*space.rate, log=True),
        "epochs": IntDistribution(*space.epochs),
        "frozen": FloatDistribution(0.0, 1.0),
        **choices,
    }


def _reporter(trial: optuna.Trial, *, may_stop: bool) -> ProgressCallback:
    """Report the score of each epoch to Optuna and stop if it says so, except at the last epoch."""
    epoch = 0

    def report(step: int, steps: int, _loss: float, score: float | None) -> None:
        nonlocal epoch
        if score is None:
            return
        epoch += 1
        trial.report(score, epoch)
        if may_stop and step < steps and trial.should_prune():
            raise optuna.TrialPruned

    return report


def _point_of(attributes: dict[str, Any]) -> tuple[Backbone, Recipe]:
    return Backbone.model_validate(attributes["backbone"]), Recipe.model_validate(attributes["recipe"])


def _to_trial(frozen: FrozenTrial) -> Trial:
    attributes = frozen.user_attrs
    fields = {name: attributes.get(name) for name in ("backbone", "recipe", "first", "repeats", "again")}
    return _TRIAL.validate_python({"number": frozen.number, **fields, **attributes.get("ended", KILLED)})
