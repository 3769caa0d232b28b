"""The model registry: versions, their runs and their aliases in MLflow."""

import json
import logging
import re
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.catalog.spec import ModelSpec
from pipelines.home.addresses import relative_address
from pipelines.home.databases import HEAD_TAG
from pipelines.home.owning import require_owned
from pipelines.home.paths import Files
from pipelines.inference.artefact import package_digest
from pipelines.ingestion.snapshot import Snapshot
from pipelines.kinds.known import find_kind
from pipelines.registry.version import ModelVersion, TrainingRun
from pipelines.runtime.file_modes import restrict

if TYPE_CHECKING:  # importing it loads the networks, which queries do not need
    from pipelines.training.challenger import Challenger

HEAD, PRUNED = HEAD_TAG, "pruned"
CARD = "card"  # the tag that held the card in older versions
NOTE = "mlflow.note.content"  # the tag of a run's description
# MLflow's limits of the description of a version and of a run, in characters.
VERSION_CHARACTERS, RUN_CHARACTERS = 5000, 8000
RUNS = 50_000  # the most that one search returns


class Registry:
    """MLflow's registry and runs of one home. Its alias `champion` is for people; the ledger decides what is served."""

    def __init__(self, tracking_uri: str, files: Files) -> None:
        from mlflow import MlflowClient  # the import takes over a second; the class alone does not need it

        self._files = files
        self.client = MlflowClient(tracking_uri, tracking_uri)
        logging.getLogger("mlflow").setLevel(logging.ERROR)

    def register(
        self, challenger: "Challenger", spec: ModelSpec, snapshot: Snapshot, key: str, feedback: int
    ) -> ModelVersion:
        """Log the run and its model, then create the version in one last step: it exists complete or not at all."""
        from pipelines.registry.run import use_tracking_uri

        with use_tracking_uri(self.client.tracking_uri):
            return self._register(challenger, spec, snapshot, key, feedback)

    def _register(
        self, challenger: "Challenger", spec: ModelSpec, snapshot: Snapshot, key: str, feedback: int
    ) -> ModelVersion:
        from pipelines.registry.run import log_training_run

        cause = "retrain" if feedback else "train"
        run, info = log_training_run(self.client, self.experiment(spec.name), challenger, spec, snapshot, cause)
        restrict(Path(info.artifact_path))  # MLflow copies the code with its modes; a remote store has no such file
        tags = {
            "key": key,
            "digest": package_digest(challenger.package),
            "snapshot": snapshot.digest,
            "rows": str(challenger.rows),
            "feedback": str(feedback),
            "labels": json.dumps(spec.target.identity),
            "seconds": f"{challenger.cost.seconds:.1f}",
            "location": relative_address(f"{info.artifact_path}/artifacts/package", self._files.home),
            "weights": relative_address(f"{run.info.artifact_uri}/weights", self._files.home),
        }
        self._declare(spec.name)
        created = self.client.create_model_version(
            spec.name, info.model_uri, run.info.run_id, tags=tags, model_id=info.model_id
        )
        self.client.update_run(run.info.run_id, name=f"{spec.name} {created.version} ({cause})")
        self.client.set_tag(run.info.run_id, "version", created.version)
        return self._version(created)

    def experiment(self, name: str) -> str:
        """The id of a model's experiment, created if missing."""
        experiment = self.client.get_experiment_by_name(name)
        if experiment:
            require_owned([experiment.artifact_location], self._files)
            return str(experiment.experiment_id)
        location = f"{self._files.artifacts}/{name}"
        return str(self.client.create_experiment(name, artifact_location=location))

    def _declare(self, name: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def find_trained(self, name: str, key: str) -> ModelVersion | None:
        """The version with exactly this training key (snapshot and recipe); None if there is none."""
        versions = self.client.search_model_versions(f"name = '{name}'")
        matches = [version for version in versions if version.tags.get("key") == key]
        return self._version(matches[0]) if matches else None

    def version(self, name: str, number: int) -> ModelVersion:
        """One version by its number."""
        return self._version(self.client.get_model_version(name, str(number)))

    def versions(self, name: str) -> list[ModelVersion]:
        """All versions, oldest first."""
        versions = self.client.search_model_versions(f"name = '{name}'")
        return sorted(map(self._version, versions), key=lambda version: version.version)

    def _version(self, version: Any) -> ModelVersion:
        return ModelVersion.of(version, self._files.home)

    def aliases(self, name: str) -> dict[str, int]:
        """Versions by alias; empty for an unknown model."""
        from mlflow.exceptions import MlflowException

        try:
            return {alias: int(number) for alias, number in self.client.get_registered_model(name).aliases.items()}
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return {}

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Move an alias; only the promotion step calls this."""
        self.client.set_registered_model_alias(name, alias, str(version))

    def set_head(self, name: str, head: str) -> None:
        """Store the hash of the ledger's last entry about a model, to detect a truncated ledger."""
        self.client.set_registered_model_tag(name, HEAD, head)

    def heads(self) -> dict[str, str]:
        """The stored hash of each model's last ledger entry, by model."""
        return {name: tags[HEAD] for name, tags in self._registered().items() if HEAD in tags}

    def names(self) -> list[str]:
        """The names of all registered models."""
        return sorted(self._registered())

    def _registered(self) -> dict[str, Mapping[str, str]]:
        return {model.name: model.tags for model in self.client.search_registered_models(max_results=1000)}

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

        from pipelines.registry.run import summary_metrics

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
        run_id = next((entry.run for entry in self.versions(name) if entry.version == version), None)
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

    def tag_pruned(self, version: ModelVersion) -> None:
        """Tag a version and its run as pruned, and clear its training key: `find_trained` no longer returns it."""
        self.client.set_model_version_tag(version.name, str(version.version), "key", "")
        if self._runs(version.name, f"attributes.run_id = '{version.run}'"):  # a person may have deleted it
            self.client.set_tag(version.run, PRUNED, str(version.version))

    def delete_version(self, version: ModelVersion) -> None:
        """Delete a version and its logged model, unless another version shares it; the run's figures stay."""
        versions = self.client.search_model_versions(f"name = '{version.name}'")
        sources = {int(entry.version): entry.source or "" for entry in versions}
        source = sources.pop(version.version)
        if source not in sources.values():
            self.client.delete_logged_model(source.removeprefix("models:/"))
        self.client.delete_model_version(version.name, str(version.version))

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
