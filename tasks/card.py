"""Say in one place what a version is, once something was decided about it."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.card.card import card
from pipelines.card.files import written
from pipelines.card.tracing import traced
from pipelines.registry.registry import Registry
from pipelines.settings import Settings
from tasks.retrying import passing


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=passing, timeout_seconds=300)
def describe(model: str, version: int, settings: Settings) -> None:
    """Write the card of a version, put it to its run in MLflow, publish it."""
    lineage = traced(model, version, settings)
    told, registry = card(lineage), Registry(settings)
    files = written(lineage, told, settings)
    registry.attach(registry.version(model, version), {}, files, {"card": told}, folder="card")
    create_markdown_artifact(key=f"card-{model}", markdown=told, description=f"version {version}")
