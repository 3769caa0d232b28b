"""The registry: what it is asked and told, in our verbs."""

import json
import logging
import re
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.catalog.spec import ModelSpec
from pipelines.home.addresses import relative
from pipelines.home.databases import HEAD_TAG
from pipelines.home.owning import require_ours
from pipelines.home.paths import Files
from pipelines.inference.artefact import package_digest
from pipelines.ingestion.snapshot import Snapshot
from pipelines.kinds.known import find
from pipelines.registry.version import ModelVersion, Training
from pipelines.runtime.file_modes import close

if TYPE_CHECKING:  # it brings the networks: who only asks the registry need not wait for them
    from pipelines.training.challenger import Challenger

HEAD, PRUNED = HEAD_TAG, "pruned"
CARD = "card"  # the tag that cards were once kept in
NOTE = "mlflow.note.content"  # what MLflow's pages call the description of a run
# Characters that its databases keep of a description of a version, and of a run.
VERSION_CHARACTERS, RUN_CHARACTERS = 5000, 8000
RUNS = 50_000  # as many as it gives at once


class Registry:
    """MLflow behind one door. `champion` here is the alias, for people; the ledger decides what is served."""

    def __init__(self, tracking_uri: str, files: Files) -> None:
        from mlflow import MlflowClient  # a second and more: who only needs the class does not wait

        self._files = files
        self.client = MlflowClient(tracking_uri, tracking_uri)
        logging.getLogger("mlflow").setLevel(logging.ERROR)

    def register(
        self, challenger: "Challenger", spec: ModelSpec, snapshot: Snapshot, key: str, feedback: int
    ) -> ModelVersion:
        """Log the run and its model, then create the version in one last step: it exists whole or not at all."""
        from pipelines.registry.run import addressed

        with addressed(self.client.tracking_uri):
            return self._register(challenger, spec, snapshot, key, feedback)

    def _register(
        self, challenger: "Challenger", spec: ModelSpec, snapshot: Snapshot, key: str, feedback: int
    ) -> ModelVersion:
        from pipelines.registry.run import logged

        cause = "retrain" if feedback else "train"
        run, info = logged(self.client, self.experiment(spec.name), challenger, spec, snapshot, cause)
        close(Path(info.artifact_path))  # our code is copied with its modes; of a store elsewhere there is no such file
        tags = {
            "key": key,
            "digest": package_digest(challenger.package),
            "snapshot": snapshot.digest,
            "rows": str(challenger.rows),
            "feedback": str(feedback),
            "labels": json.dumps(spec.target.identity),
            "seconds": f"{challenger.cost.seconds:.1f}",
            "location": relative(f"{info.artifact_path}/artifacts/package", self._files.home),
            "weights": relative(f"{run.info.artifact_uri}/weights", self._files.home),
        }
        self._declare(spec.name)
        created = self.client.create_model_version(
            spec.name, info.model_uri, run.info.run_id, tags=tags, model_id=info.model_id
        )
        self.client.update_run(run.info.run_id, name=f"{spec.name} {created.version} ({cause})")
        self.client.set_tag(run.info.run_id, "version", created.version)
        return self._version(created)

    def experiment(self, name: str) -> str:
        """The id of a model's experiment, made if missing."""
        found = self.client.get_experiment_by_name(name)
        if found:
            require_ours([found.artifact_location], self._files)
            return str(found.experiment_id)
        location = f"{self._files.artifacts}/{name}"
        return str(self.client.create_experiment(name, artifact_location=location))

    def _declare(self, name: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def trained(self, name: str, key: str) -> ModelVersion | None:
        """The version that was trained from exactly this snapshot and recipe."""
        found = [one for one in self.client.search_model_versions(f"name = '{name}'") if one.tags.get("key") == key]
        return self._version(found[0]) if found else None

    def version(self, name: str, number: int) -> ModelVersion:
        """One version by its number."""
        return self._version(self.client.get_model_version(name, str(number)))

    def versions(self, name: str) -> list[ModelVersion]:
        """All versions, oldest first."""
        found = self.client.search_model_versions(f"name = '{name}'")
        return sorted(map(self._version, found), key=lambda one: one.version)

    def _version(self, found: Any) -> ModelVersion:
        return ModelVersion.of(found, self._files.home)

    def aliases(self, name: str) -> dict[str, int]:
        """Versions by alias; empty without the model. MLflow raises two different errors for what is missing."""
        from mlflow.exceptions import MlflowException

        try:
            return {alias: int(number) for alias, number in self.client.get_registered_model(name).aliases.items()}
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return {}

    def point(self, name: str, alias: str, version: int) -> None:
        """Move an alias; only the promotion step calls this."""
        self.client.set_registered_model_alias(name, alias, str(version))

    def mark(self, name: str, head: str) -> None:
        """Remember the hash of the ledger's last entry about a model: an entry that is removed is missed."""
        self.client.set_registered_model_tag(name, HEAD, head)

    def heads(self) -> dict[str, str]:
        """The remembered hashes by model."""
        return {name: tags[HEAD] for name, tags in self._registered().items() if HEAD in tags}

    def names(self) -> list[str]:
        """Every registered model."""
        return sorted(self._registered())

    def _registered(self) -> dict[str, Mapping[str, str]]:
        return {one.name: one.tags for one in self.client.search_registered_models(max_results=1000)}

    def attach(
        self,
        version: ModelVersion,
        figures: dict[str, float],
        files: list[Path],
        tags: dict[str, str],
    ) -> None:
        """Put figures and files, such as a scorecard's, to the run of a version, and tags to the version.

        With the time: of figures without one MLflow would show the highest, not the last.
        """
        from mlflow.entities import Metric

        from pipelines.registry.run import summary

        if files:
            require_ours([self.client.get_run(version.run).info.artifact_uri], self._files)
        now = int(time.time() * 1000)
        metrics = [Metric(_allowed(name), value, now, 0) for name, value in figures.items()]
        self.client.log_batch(version.run, [*metrics, *summary(metrics, find(version.target.kind))])
        for file in files:
            self.client.log_artifact(version.run, str(file), "scorecard")
        for name, value in tags.items():
            self.client.set_model_version_tag(version.name, str(version.version), name, value[:5000])

    def publish(self, version: ModelVersion, card: Mapping[str, str]) -> None:
        """Put the files of a model card, texts by name, to the artifacts of the version's run."""
        require_ours([self.client.get_run(version.run).info.artifact_uri], self._files)
        for name, text in card.items():
            self.client.log_text(version.run, text, f"card/{name}")

    def describe(self, version: ModelVersion, decision: str, card: str) -> None:
        """Put the decision, then the model card, where MLflow shows descriptions; a long card is cut, and says so."""
        said = f"**{version.name} version {version.version}** {decision}\n\n{card}"
        number = str(version.version)
        self.client.update_model_version(version.name, number, _cut(said, VERSION_CHARACTERS))
        if CARD in self.client.get_model_version(version.name, number).tags:
            self.client.delete_model_version_tag(version.name, number, CARD)
        self.client.set_tag(version.run, NOTE, _cut(said, RUN_CHARACTERS))
        self.client.set_tag(version.run, "decision", decision.partition(":")[0])

    def log(self, run: str, figures: Iterable[tuple[str, float, int]], parameters: Mapping[str, str]) -> None:
        """Put figures `(name, value, step)` and parameters to a run."""
        from mlflow.entities import Metric, Param

        metrics = [Metric(_allowed(name), value, 0, step) for name, value, step in figures]
        self.client.log_batch(run, metrics, [Param(name, value) for name, value in parameters.items()])

    def training(self, name: str, version: int) -> Training | None:
        """What is kept of the run that a version came from, also once it is pruned."""
        known = next((one.run for one in self.versions(name) if one.version == version), None)
        found = self._runs(name, f"attributes.run_id = '{known}'" if known else f"tags.{PRUNED} = '{version}'")
        return Training(found[0].info.run_id, found[0].data.params, found[0].data.metrics) if found else None

    def learnt_from(self, name: str, but: Collection[str]) -> set[str]:
        """The first 32 digits of every snapshot that a run of a model learnt from, `but` for these and pruned ones."""
        kept = [run for run in self._runs(name) if PRUNED not in run.data.tags and run.info.run_id not in but]
        return {one.dataset.digest for run in kept for one in run.inputs.dataset_inputs}

    def _runs(self, name: str, condition: str = "") -> list[Any]:
        experiment = self.client.get_experiment_by_name(name)
        if experiment is None:
            return []
        return list(self.client.search_runs([experiment.experiment_id], condition, max_results=RUNS))

    def withdraw(self, version: ModelVersion) -> None:
        """Mark a version and its run as pruned: it is never found again as already trained."""
        self.client.set_model_version_tag(version.name, str(version.version), "key", "")
        if self._runs(version.name, f"attributes.run_id = '{version.run}'"):  # else somebody has deleted it by hand
            self.client.set_tag(version.run, PRUNED, str(version.version))

    def forget(self, version: ModelVersion) -> None:
        """Delete a version and its logged model, unless another version is a copy of it; its run's figures stay."""
        found = self.client.search_model_versions(f"name = '{version.name}'")
        sources = {int(one.version): one.source or "" for one in found}
        source = sources.pop(version.version)
        if source not in sources.values():
            self.client.delete_logged_model(source.removeprefix("models:/"))
        self.client.delete_model_version(version.name, str(version.version))

    def repair(self, name: str) -> int:
        """End the runs of a model that a killed process left running, but those of a tuning; returns how many."""
        experiment = self.client.get_experiment_by_name(name)
        found = [experiment.experiment_id] if experiment else []
        running = self.client.search_runs(found, "attributes.status = 'RUNNING'") if found else []
        stale = [run for run in running if not {"study", "trial"} & run.data.tags.keys()]
        for run in stale:
            self.client.set_terminated(run.info.run_id, "KILLED")
        return len(stale)


def _cut(text: str, characters: int) -> str:
    """Whole lines, no more than so many characters of them."""
    rest = "\n\n... The whole card is an artifact of the run: card/"
    return text if len(text) <= characters else text[: characters - len(rest)].rpartition("\n")[0] + rest


def _allowed(name: str) -> str:
    """A metric's name as MLflow takes it: people's labels hold any character."""
    return re.sub(r"[^\w\-. :]", "_", name).strip()[:240]
