"""The record of a tuning: a parent run with a nested run per trial in MLflow, and one JSON file per model."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find
from pipelines.registry.registry import Registry
from pipelines.storage import blobs
from pipelines.tuning.search import Tuning
from pipelines.tuning.trial import Trial

Row = dict[str, Any]


def score_of(spec: ModelSpec) -> str:
    """The name of the figure that its recipes are compared by."""
    return find(spec.kind).score[0]


class Runs:
    """The runs of one study in MLflow, found again where an earlier process began them."""

    def __init__(self, registry: Registry, spec: ModelSpec, study: str) -> None:
        self.registry, self.client = registry, registry.client
        self.experiment, self.score = registry.experiment(spec.name), score_of(spec)
        found = self._found(f"tags.study = '{study}'")
        self.parent = found[0] if found else self._begun(spec.name, study)
        self.client.update_run(self.parent.info.run_id, status="RUNNING")
        nested = self._found(f"tags.`mlflow.parentRunId` = '{self.id}'")
        self.logged = {int(run.data.tags["trial"]) for run in nested if "end" in run.data.tags}
        for run in nested:
            if "end" not in run.data.tags:  # a kill came between its making and its end
                self.client.delete_run(run.info.run_id)

    @property
    def id(self) -> str:
        """The parent run's."""
        return str(self.parent.info.run_id)

    def log(self, trial: Trial) -> None:
        """One nested run, with the trial's recipe, curve, score and cost; once, however often it is told."""
        if trial.number in self.logged:
            return
        tags = {"mlflow.parentRunId": self.id, "trial": str(trial.number), "note": trial.note[:5000]}
        run = self.client.create_run(self.experiment, tags=tags, run_name=f"trial {trial.number}")
        self.registry.log(run.info.run_id, _figures(trial, self.score), _parameters(trial))
        self.client.set_tag(run.info.run_id, "end", trial.end)  # last: a run without it is not whole
        self.client.set_terminated(run.info.run_id, "FINISHED" if trial.result else "KILLED")
        self.logged.add(trial.number)

    def close(self, tuning: Tuning) -> None:
        """The choice and its reason on the parent run, and all of it as an artifact."""
        choice = tuning.choice
        self.registry.log(self.id, [(f"validation.{self.score}", choice.score, 0), ("error", choice.error, 0)], {})
        for name, value in {"choice": str(choice.trial), "reason": choice.reason}.items():
            self.client.set_tag(self.id, name, value[:5000])
        self.client.log_dict(self.id, document(tuning), "tuning.json")
        self.client.set_terminated(self.id)

    def _found(self, condition: str) -> list[Any]:
        return list(self.client.search_runs([self.experiment], condition, max_results=5000))

    def _begun(self, model: str, study: str) -> Any:
        return self.client.create_run(self.experiment, tags={"study": study}, run_name=f"tune {model}")


def _figures(trial: Trial, score: str) -> list[tuple[str, float, int]]:
    found = trial.result
    if found is None:
        return [("cost.seconds", trial.seconds, 0)]
    once = {score: found.score, "error": found.error, "learning_weights": found.weights, **found.cost}
    return [
        *(("train.loss", value, step) for step, value in found.loss),
        *((f"validation.{score}", value, step) for step, value in found.scores),
        *((name, float(value), 0) for name, value in once.items()),
    ]


def _parameters(trial: Trial) -> dict[str, str]:
    recipe = {f"recipe.{name}": str(value) for name, value in trial.recipe.model_dump().items()}
    return {**recipe, "base": trial.backbone.base, "backbone": str(trial.backbone)}


def rows(tuning: Tuning) -> list[Row]:
    """The trials as a table: what was tried, and what it came to."""
    return [_row(one, tuning) for one in tuning.trials]


def _row(trial: Trial, tuning: Tuning) -> Row:
    found = trial.result
    return {
        "trial": trial.number,
        "chosen": trial.number == tuning.choice.trial,
        "backbone": str(trial.backbone),
        "changes": trial.changes(tuning.spec.recipe),
        "repeats": trial.repeats,
        "end": trial.end,
        score_of(tuning.spec): found and found.score,
        "error": found and found.error,
        "seconds": found.seconds if found else trial.seconds,
        "learning_weights": found and found.weights,
        "note": trial.note,
    }


def document(tuning: Tuning) -> Row:
    """All that is worth keeping of a tuning, as plain values."""
    chosen = tuning.chosen
    return {
        "model": tuning.model,
        "study": tuning.study,
        "snapshot": tuning.snapshot,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": tuning.plan.seed,
        "minutes": tuning.plan.minutes,
        "seconds": tuning.seconds,
        "declared": {"base": tuning.spec.base, "recipe": tuning.spec.recipe.model_dump(mode="json")},
        "choice": {
            "trial": tuning.choice.trial,
            "base": chosen.base,
            "recipe": chosen.recipe.model_dump(mode="json"),
            score_of(tuning.spec): tuning.choice.score,
            "error": tuning.choice.error,
        },
        "reason": tuning.choice.reason,
        "trials": rows(tuning),
    }


def write(tuning: Tuning, folder: Path) -> Path:
    """`MODEL.json`, whole or not at all."""
    file = folder / f"{tuning.model}.json"
    blobs.write(json.dumps(document(tuning), indent=1, ensure_ascii=False).encode(), str(file))
    return file
