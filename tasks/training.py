"""The task that trains a version once per snapshot, recipe and parent, and registers it."""

import logging
import shutil
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import Snapshot, read
from pipelines.ingestion.unlabelled import messages
from pipelines.kinds.known import find_kind
from pipelines.registry.version import ModelVersion
from pipelines.storage import blobs
from pipelines.workspace.workspace import Workspace
from tasks.progress import prefect_progress, progress_display

if TYPE_CHECKING:  # torch is imported only by a run that trains: most scheduled runs train nothing
    from pipelines.training.challenger import Challenger
    from pipelines.training.optimisation.training_loop import ProgressCallback

log = logging.getLogger(__name__)


@task(task_run_name="train", cache_policy=NO_CACHE, timeout_seconds=6 * 3600)
def learn(
    corpus: Corpus, spec: ModelSpec, workspace: Workspace, parent: ModelVersion | None, feedback: int
) -> ModelVersion:
    """The version for this snapshot, recipe and parent: found in the registry, or trained and registered now."""
    from pipelines.training.challenger import training_key

    registry = workspace.registry
    registry.end_stale_runs(spec.name)
    texts = messages(spec, workspace) if spec.recipe.pretraining and not parent else None
    key = training_key(corpus.train.digest, spec, parent.digest if parent else None, texts.digest if texts else None)
    known = registry.find_trained(spec.name, key)
    if known and blobs.exists(known.location) and blobs.exists(known.weights):
        log.info("version %d has the same data, recipe and parent: it is reused, not trained again", known.version)
        return known
    folder = workspace.files.work(spec.name)
    shutil.rmtree(folder, ignore_errors=True)  # incomplete files of a killed run
    folder.mkdir(parents=True)
    log.info("%s learns from %d messages, %s", spec.name, corpus.train.rows, _start(parent, spec))
    with (
        progress_display(f"train {spec.name}") as bar,
        prefect_progress(spec.name, bar, find_kind(spec.kind).score[1]) as watch,
        _with_tensorboard(spec, workspace, key, watch) as seen,
    ):
        challenger = _trained(corpus, texts, spec, workspace, parent, folder, seen)
    version = registry.register(challenger, spec, corpus.train, key, feedback)
    registry.log(version.run, ((name, value, 0) for name, value in corpus.report.figures().items()), {})
    shutil.rmtree(folder)
    return version


def _start(parent: ModelVersion | None, spec: ModelSpec) -> str:
    return f"continuing from version {parent.version}" if parent else f"from its base {spec.base_model}"


def _with_tensorboard(
    spec: ModelSpec, workspace: Workspace, key: str, watch: "ProgressCallback"
) -> "AbstractContextManager[ProgressCallback]":
    """Write TensorBoard files under the home, if the recipe asks for them."""
    from pipelines.training.tensorboard_files import write_tensorboard

    folder = workspace.home / "tensorboard" / spec.name / key[:12]
    if not spec.recipe.tensorboard:
        return nullcontext(watch)
    return write_tensorboard(folder, watch, find_kind(spec.kind).score[0])


def _trained(
    corpus: Corpus,
    texts: Snapshot | None,
    spec: ModelSpec,
    workspace: Workspace,
    parent: ModelVersion | None,
    folder: Path,
    watch: "ProgressCallback",
) -> "Challenger":
    from pipelines.training.distribution.worker_processes import fine_tune_together
    from pipelines.training.fine_tuning import fine_tune

    start = blobs.fetch(parent.weights, workspace.files.weights / parent.digest) if parent else None
    train, unlabelled = read(corpus.train), read(texts)["text"].tolist() if texts else ()
    if workspace.processes == 1:
        return fine_tune(train, spec, folder, start, watch, messages=unlabelled)
    return fine_tune_together(train, spec, folder, start, watch, workspace.processes, workspace.sharding, unlabelled)
