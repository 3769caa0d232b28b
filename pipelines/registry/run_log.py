"""The runs of versions in MLflow: what is logged to them after the training, and their search."""

import re
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.home.addresses import require_owned
from pipelines.home.paths import Files
from pipelines.kinds.known import find_kind
from pipelines.registry.version import ModelVersion, TrainingRun

if TYPE_CHECKING:  # the import takes over a second
    from mlflow import MlflowClient

PRUNED = "pruned"
CARD = "card"  # the tag that held the card in older versions
NOTE = "mlflow.note.content"  # the tag of a run's description
# MLflow's limits of the description of a version and of a run, in characters.
VERSION_CHARACTERS, RUN_CHARACTERS = 5000, 8000
RUNS = 50_000  # the most that one search returns


class RunLog:
    """The runs of one home; `client` and `_files` are opened by the registry."""

    client: "MlflowClient"
    _files: Files

    def log_evaluation(
        self,
        version: ModelVersion,
        figures: dict[str, float],
        files: list[Path],
        tags: dict[str, str],
    ) -> None:
        """Log figures and files, such as a scorecard's, to the run of a version, and tags to the version.

        Figures get a time: without one MLflow shows the highest value, not the last.
        """
        from mlflow.entities import Metric

        from pipelines.registry.run_figures import summary_metrics

        if files:
            require_owned([self.client.get_run(version.run).info.artifact_uri], self._files)
        time_ms = int(time.time() * 1000)
        metrics = [Metric(_metric_name(name), value, time_ms, 0) for name, value in figures.items()]
        self.client.log_batch(version.run, [*metrics, *summary_metrics(metrics, find_kind(version.target.kind))])
        for file in files:
            self.client.log_artifact(version.run, str(file), "scorecard")
        for name, value in tags.items():
            self.client.set_model_version_tag(version.name, str(version.version), name, value[:5000])

    def log_card(self, version: ModelVersion, card: Mapping[str, str]) -> None:
        """Log the files of a model card, texts by name, to the artifacts of the version's run."""
        require_owned([self.client.get_run(version.run).info.artifact_uri], self._files)
        for name, text in card.items():
            self.client.log_text(version.run, text, f"card/{name}")

    def set_description(self, version: ModelVersion, decision: str, card: str) -> None:
        """Show the decision and the model card as MLflow's description; a long card is cut, with a note."""
        text = f"**{version.name} version {version.version}** {decision}\n\n{card}"
        number = str(version.version)
        self.client.update_model_version(version.name, number, _cut(text, VERSION_CHARACTERS))
        if CARD in self.client.get_model_version(version.name, number).tags:
            self.client.delete_model_version_tag(version.name, number, CARD)
        self.client.set_tag(version.run, NOTE, _cut(text, RUN_CHARACTERS))
        self.client.set_tag(version.run, "decision", decision.partition(":")[0])

    def log(self, run: str, figures: Iterable[tuple[str, float, int]], parameters: Mapping[str, str]) -> None:
        """Log figures `(name, value, step)` and parameters to a run."""
        from mlflow.entities import Metric, Param

        metrics = [Metric(_metric_name(name), value, 0, step) for name, value, step in figures]
        self.client.log_batch(run, metrics, [Param(name, value) for name, value in parameters.items()])

    def training_run(self, name: str, version: int) -> TrainingRun | None:
        """The training run of a version, even of a pruned one; None if it is missing."""
        versions = self.client.search_model_versions(f"name = '{name}'")
        run_id = next((entry.run_id for entry in versions if int(entry.version) == version), None)
        runs = self._runs(name, f"attributes.run_id = '{run_id}'" if run_id else f"tags.{PRUNED} = '{version}'")
        return TrainingRun(runs[0].info.run_id, runs[0].data.params, runs[0].data.metrics) if runs else None

    def trained_snapshots(self, name: str, but: Collection[str]) -> set[str]:
        """Prefixes (32 digits) of the snapshots that a model's runs used, without those of `but` and of pruned ones."""
        runs = [run for run in self._runs(name) if PRUNED not in run.data.tags and run.info.run_id not in but]
        return {dataset_input.dataset.digest for run in runs for dataset_input in run.inputs.dataset_inputs}

    def _runs(self, name: str, condition: str = "") -> list[Any]:
        experiment = self.client.get_experiment_by_name(name)
        if experiment is None:
            return []
        return list(self.client.search_runs([experiment.experiment_id], condition, max_results=RUNS))

    def end_stale_runs(self, name: str) -> int:
        """End a model's runs that a killed process left running, except those of a tuning; returns their number."""
        experiment = self.client.get_experiment_by_name(name)
        experiments = [experiment.experiment_id] if experiment else []
        running = self.client.search_runs(experiments, "attributes.status = 'RUNNING'") if experiments else []
        stale = [run for run in running if not {"study", "trial"} & run.data.tags.keys()]
        for run in stale:
            self.client.set_terminated(run.info.run_id, "KILLED")
        return len(stale)


def _cut(text: str, characters: int) -> str:
    """Whole lines of a text, at most so many characters, with a note on the rest."""
    rest = "\n\n... The whole card is an artifact of the run: card/"
    return text if len(text) <= characters else text[: characters - len(rest)].rpartition("\n")[0] + rest


def _metric_name(name: str) -> str:
    """The name with the characters that MLflow allows: labels may hold any character."""
    return re.sub(r"[^\w\-. :]", "_", name).strip()[:240]
