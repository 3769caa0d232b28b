"""The model registry: versions, their runs and their aliases in MLflow."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.catalog.spec import ModelSpec
from pipelines.home.addresses import relative_address, require_owned
from pipelines.home.databases import HEAD_TAG
from pipelines.home.paths import Files
from pipelines.inference.artefact import package_digest
from pipelines.ingestion.snapshot import Snapshot
from pipelines.registry.run_log import PRUNED, RunLog
from pipelines.registry.version import ModelVersion
from pipelines.runtime.file_modes import restrict

if TYPE_CHECKING:  # importing it loads the networks, which queries do not need
    from pipelines.training.challenger import Challenger


class Registry(RunLog):
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
        self.client.set_registered_model_tag(name, HEAD_TAG, head)

    def heads(self) -> dict[str, str]:
        """The stored hash of each model's last ledger entry, by model."""
        return {name: tags[HEAD_TAG] for name, tags in self._registered().items() if HEAD_TAG in tags}

    def names(self) -> list[str]:
        """The names of all registered models."""
        return sorted(self._registered())

    def _registered(self) -> dict[str, Mapping[str, str]]:
        return {model.name: model.tags for model in self.client.search_registered_models(max_results=1000)}

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
