"""Record of a tuning: a parent run with a nested run per trial in MLflow, and one JSON file per model."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find_kind
from pipelines.registry.registry import Registry
from pipelines.storage import blobs
from pipelines.tuning.trial import Trial
from pipelines.tuning.tuning_result import Tuning

Row = dict[str, Any]


def score_name(spec: ModelSpec) -> str:
    """Name of the figure by which recipes are compared."""
    return find_kind(spec.kind).score[0]


class TuningRuns:
    """MLflow runs of one study; runs that an earlier process began are continued."""

    def __init__(self, registry: Registry, spec: ModelSpec, study: str) -> None:
        self.registry, self.client = registry, registry.client
        self.experiment, self.score = registry.experiment(spec.name), score_name(spec)
        runs = self._search(f"tags.study = '{study}'")
        self.parent = runs[0] if runs else self._create(spec.name, study)
        self.client.update_run(self.parent.info.run_id, status="RUNNING")
        nested = self._search(f"tags.`mlflow.parentRunId` = '{self.id}'")
        self.logged = {int(run.data.tags["trial"]) for run in nested if "end" in run.data.tags}
        for run in nested:
            if "end" not in run.data.tags:  # its process was killed
                self.client.delete_run(run.info.run_id)

    @property
    def id(self) -> str:
        """Id of the parent run."""
        return str(self.parent.info.run_id)

    def log(self, trial: Trial) -> None:
        """Log a trial once as a nested run with its recipe, curve, score and cost."""
        if trial.number in self.logged:
            return
        tags = {"mlflow.parentRunId": self.id, "trial": str(trial.number), "note": trial.note[:5000]}
        run = self.client.create_run(self.experiment, tags=tags, run_name=f"trial {trial.number}")
        self.registry.log(run.info.run_id, _figures(trial, self.score), _parameters(trial))
        self.client.set_tag(run.info.run_id, "end", trial.end)  # last: a run without it is incomplete
        self.client.set_terminated(run.info.run_id, "FINISHED" if trial.result else "KILLED")
        self.logged.add(trial.number)

    def close(self, tuning: Tuning) -> None:
        """Write the choice and its reason to the parent run, and the document as an artifact."""
        choice = tuning.choice
        self.registry.log(self.id, [(f"validation.{self.score}", choice.score, 0), ("error", choice.error, 0)], {})
        for name, value in {"choice": str(choice.trial), "reason": choice.reason}.items():
            self.client.set_tag(self.id, name, value[:5000])
        self.client.log_dict(self.id, document(tuning), "tuning.json")
        self.client.set_terminated(self.id)

    def _search(self, condition: str) -> list[Any]:
        return list(self.client.search_runs([self.experiment], condition, max_results=5000))

    def _create(self, model: str, study: str) -> Any:
        return self.client.create_run(self.experiment, tags={"study": study}, run_name=f"tune {model}")


def _figures(trial: Trial, score: str) -> list[tuple[str, float, int]]:
    result = trial.result
    if result is None:
        return [("cost.seconds", trial.seconds, 0)]
    values = {score: result.score, "error": result.error, "learning_weights": result.weights, **result.cost}
    return [
        *(("train.loss", value, step) for step, value in result.loss),
        *((f"validation.{score}", value, step) for step, value in result.scores),
        *((name, float(value), 0) for name, value in values.items()),
    ]


def _parameters(trial: Trial) -> dict[str, str]:
    recipe = {f"recipe.{name}": str(value) for name, value in trial.recipe.model_dump().items()}
    return {**recipe, "base": trial.backbone.base, "backbone": str(trial.backbone)}


def rows(tuning: Tuning) -> list[Row]:
    """The trials as table rows: recipe changes and results."""
    return [_row(trial, tuning) for trial in tuning.trials]


def _row(trial: Trial, tuning: Tuning) -> Row:
    result = trial.result
    return {
        "trial": trial.number,
        "chosen": trial.number == tuning.choice.trial,
        "backbone": str(trial.backbone),
        "changes": trial.changes(tuning.spec.recipe),
        "repeats": trial.repeats,
        "end": trial.end,
        score_name(tuning.spec): result and result.score,
        "error": result and result.error,
        "seconds": result.seconds if result else trial.seconds,
        "learning_weights": result and result.weights,
        "note": trial.note,
    }


def document(tuning: Tuning) -> Row:
    """The tuning as plain values."""
    chosen = tuning.chosen
    return {
        "model": tuning.model,
        "study": tuning.study,
        "snapshot": tuning.snapshot,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": tuning.plan.seed,
        "minutes": tuning.plan.minutes,
        "seconds": tuning.seconds,
        "declared": {"base": tuning.spec.base_model, "recipe": tuning.spec.recipe.model_dump(mode="json")},
        "choice": {
            "trial": tuning.choice.trial,
            "base": chosen.base_model,
            "recipe": chosen.recipe.model_dump(mode="json"),
            score_name(tuning.spec): tuning.choice.score,
            "error": tuning.choice.error,
        },
        "reason": tuning.choice.reason,
        "trials": rows(tuning),
    }


def write(tuning: Tuning, folder: Path) -> Path:
    """Write `MODEL.json`, complete or not at all."""
    file = folder / f"{tuning.model}.json"
    blobs.write(json.dumps(document(tuning), indent=1, ensure_ascii=False).encode(), str(file))
    return file
