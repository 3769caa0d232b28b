"""Say in one place what a version is, once something was decided about it."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.home.workspace import Workspace
from tasks.progress import spoken
from tasks.retrying import is_transient


@task(
    task_run_name="write the model card",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=is_transient,
    timeout_seconds=300,
)
@spoken
def describe(model: str, version: int, workspace: Workspace) -> None:
    """Write the card of a version, put it to its run in MLflow, publish it."""
    from pipelines.card.card import card
    from pipelines.card.card_files import forms, written
    from pipelines.card.origin import verdict
    from pipelines.card.tracing import traced

    lineage, registry = traced(model, version, workspace), workspace.registry
    written(lineage, card(lineage), workspace.files)
    found, told = registry.version(model, version), card(lineage.elsewhere())
    registry.publish(found, forms(lineage, told, workspace.files))
    registry.describe(found, verdict(lineage), told)
    about = f"Model card of {model} version {version}: what it is, learnt from and was judged by"
    create_markdown_artifact(key=f"card-{model}", markdown=told, description=about)
