"""Fine-tune once per snapshot and recipe, and register what was learnt."""

import shutil
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from pipelines import storage
from pipelines.catalog import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import Snapshot, read
from pipelines.ingestion.unlabelled import messages
from pipelines.registry.registry import Registry
from pipelines.registry.version import ModelVersion
from pipelines.settings import Settings
from pipelines.training.board import board
from pipelines.training.challenger import Challenger, training_key
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.loop import Watch
from pipelines.training.workers import fine_tune_together
from tasks.progress import watched


@task(cache_policy=NO_CACHE, timeout_seconds=6 * 3600)
def learn(
    corpus: Corpus, spec: ModelSpec, settings: Settings, parent: ModelVersion | None, feedback: int
) -> ModelVersion:
    """The version for this snapshot, recipe and parent: found in the registry, or trained and registered now."""
    registry = Registry(settings)
    registry.repair(spec.name)
    texts = messages(spec, settings) if spec.recipe.pretraining and not parent else None
    key = training_key(corpus.train.digest, spec, parent.digest if parent else None, texts.digest if texts else None)
    known = registry.trained(spec.name, key)
    if known and storage.exists(known.location) and storage.exists(known.weights):
        return known
    folder = settings.home / "work" / spec.name
    shutil.rmtree(folder, ignore_errors=True)  # what a killed run left half-written
    folder.mkdir(parents=True)
    with watched(f"train {spec.name}") as watch, _boarded(spec, settings, key, watch) as seen:
        challenger = _trained(corpus, texts, spec, settings, parent, folder, seen)
    version = registry.register(challenger, spec, corpus.train, key, feedback)
    shutil.rmtree(folder)
    return version


def _boarded(spec: ModelSpec, settings: Settings, key: str, watch: Watch) -> AbstractContextManager[Watch]:
    """TensorBoard files under the home, where the recipe asks for them."""
    folder = settings.home / "tensorboard" / spec.name / key[:12]
    return board(folder, watch) if spec.recipe.tensorboard else nullcontext(watch)


def _trained(
    corpus: Corpus,
    texts: Snapshot | None,
    spec: ModelSpec,
    settings: Settings,
    parent: ModelVersion | None,
    folder: Path,
    watch: Watch,
) -> Challenger:
    start = storage.fetch(parent.weights, settings.home / "cache" / "weights" / parent.digest) if parent else None
    train, unlabelled = read(corpus.train), read(texts)["text"].tolist() if texts else ()
    if settings.processes == 1:
        return fine_tune(train, spec, folder, start, watch, messages=unlabelled)
    return fine_tune_together(train, spec, folder, start, watch, settings.processes, settings.sharding, unlabelled)
