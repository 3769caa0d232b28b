"""Trials kept in SQLite by Optuna, which also proposes the next recipe and stops hopeless ones; nothing else knows it.

The proposals are those of TPE (Bergstra and others, 2011); a trial whose best score so far is below the median of the
others at the same epoch is stopped.
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
from pipelines.training.optimisation.training_loop import Watch
from pipelines.tuning.space import CHOICES, Backbone, Space
from pipelines.tuning.trial import Result, Trial

RANDOM = 5  # trials before TPE has enough to go by
FIRST_CHECK = 2  # epoch: after one epoch a long schedule has hardly begun to learn
Work = Callable[[Backbone, Recipe, Watch], Result]
KILLED = {"end": "killed", "note": "its process was killed", "seconds": 0.0}
_RESULT, _TRIAL = TypeAdapter(Result), TypeAdapter(Trial)


class Study:
    """The trials of one model, snapshot and space. What is finished stays, whatever ends this process."""

    def __init__(self, study: optuna.Study, space: Space, declared: Recipe) -> None:
        self.study, self.space, self.declared = study, space, declared

    def trials(self) -> list[Trial]:
        """Every trial that has ended, in order; one that was killed before its recipe was known is left out."""
        ended = (one for one in self.study.trials if one.state.is_finished())
        return [_trial(one) for one in ended if "recipe" in one.user_attrs]

    def run(self, work: Work, wanted: tuple[Backbone, Recipe] | None = None, **marks: int) -> Trial:
        """One trial to its end: what is wanted, which no median stops, or what Optuna proposes."""
        if wanted:
            said = {"backbone": wanted[0].model_dump(), "recipe": wanted[1].model_dump(mode="json"), **marks}
            self.study.enqueue_trial(self.space.point(*wanted), said)
        trial = self.study.ask(_distributions(self.space))
        if not wanted:
            backbone, recipe = self.space.recipe(trial.params, self.declared)
            trial.set_user_attr("backbone", backbone.model_dump())
            trial.set_user_attr("recipe", recipe.model_dump(mode="json"))
        self._ended(trial, work, may_stop=not wanted)
        return _trial(self.study.trials[trial.number])

    def _ended(self, trial: optuna.Trial, work: Work, *, may_stop: bool) -> None:
        started = time.perf_counter()
        result, state = None, TrialState.PRUNED
        end, note = "stopped early", "below the median of the other trials at the same epoch"
        try:
            result = work(*_said(trial.user_attrs), _listening(trial, may_stop=may_stop))
            end, note, state = "finished", "", TrialState.COMPLETE
        except Diverged as error:
            end, note = "diverged", str(error)
        except OverBudget as error:
            end, note, state = "over budget", str(error), TrialState.FAIL
        except optuna.TrialPruned:
            pass
        except Exception as error:  # no memory on a larger base, a family that takes no such pass: the others go on
            end, note, state = "refused", f"{type(error).__name__}: {error}", TrialState.FAIL
        seconds = time.perf_counter() - started
        kept = _RESULT.dump_python(result, mode="json") if result else None
        trial.set_user_attr("ended", {"end": end, "note": note, "seconds": seconds, "result": kept})
        self.study.tell(trial, result.score if result else None, state=state)


@contextmanager
def opened(file: Path, name: str, space: Space, declared: Recipe, seed: int) -> Iterator[Study]:
    """The study of that name, made or taken up again; trials that a killed process left running are marked failed."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    file.parent.mkdir(parents=True, exist_ok=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}", engine_kwargs={"creator": lambda: _connected(file)})
    try:
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            direction="maximize",
            pruner=MedianPruner(n_startup_trials=RANDOM - 1, n_warmup_steps=FIRST_CHECK),
            load_if_exists=True,
        )
        # A sampler that began again at the same seed would propose again what it proposed before.
        study.sampler = TPESampler(seed=seed + len(study.trials), n_startup_trials=RANDOM)
        for left in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(left.number, state=TrialState.FAIL)
        yield Study(study, space, declared)
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _connected(file: Path) -> sqlite3.Connection:
    """A trial is some thirty commits: without a write-ahead log each would wait for the disk."""
    connection = sqlite3.connect(file, timeout=60, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def _distributions(space: Space) -> dict[str, BaseDistribution]:
    choices = {name: CategoricalDistribution(range(len(getattr(space, name)))) for name in CHOICES}
    return {
        "backbone": CategoricalDistribution(range(len(space.backbones))),
        "rate": FloatDistribution(*space.rate, log=True),
        "epochs": IntDistribution(*space.epochs),
        "frozen": FloatDistribution(0.0, 1.0),
        **choices,
    }


def _listening(trial: optuna.Trial, *, may_stop: bool) -> Watch:
    """Tell Optuna the score of each epoch, and stop where it says so; not at the last one, which costs no more."""
    epoch = 0

    def heard(step: int, steps: int, _loss: float, score: float | None) -> None:
        nonlocal epoch
        if score is None:
            return
        epoch += 1
        trial.report(score, epoch)
        if may_stop and step < steps and trial.should_prune():
            raise optuna.TrialPruned

    return heard


def _said(attributes: dict[str, Any]) -> tuple[Backbone, Recipe]:
    return Backbone.model_validate(attributes["backbone"]), Recipe.model_validate(attributes["recipe"])


def _trial(frozen: FrozenTrial) -> Trial:
    said = frozen.user_attrs
    fields = {name: said.get(name) for name in ("backbone", "recipe", "first", "repeats", "again")}
    return _TRIAL.validate_python({"number": frozen.number, **fields, **said.get("ended", KILLED)})
