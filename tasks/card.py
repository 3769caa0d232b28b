"""The task that writes and publishes the model card of a version after a decision."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.workspace.workspace import Workspace
from tasks.progress import with_progress_lines
from tasks.retrying import is_transient


@task(
    task_run_name="write the model card",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=is_transient,
    timeout_seconds=300,
)
@with_progress_lines
def describe(model: str, version: int, workspace: Workspace) -> None:
    """Write the model card of a version, attach it to its MLflow run, and publish it in Prefect."""
    from pipelines.card.card import card
    from pipelines.card.card_files import card_documents, write_card
    from pipelines.card.origin import verdict
    from pipelines.card.tracing import trace_lineage

    lineage, registry = trace_lineage(model, version, workspace), workspace.registry
    write_card(lineage, card(lineage), workspace.files)
    registered, text = registry.version(model, version), card(lineage.without_home_links())
    registry.log_card(registered, card_documents(lineage, text, workspace.files))
    registry.set_description(registered, verdict(lineage), text)
    about = f"Model card of {model} version {version}: its data, recipe, evidence and decision"
    create_markdown_artifact(key=f"card-{model}", markdown=text, description=about)
