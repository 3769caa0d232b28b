"""Tasks that delete old versions: ledger entry first, then files, then the versions in the registry."""

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.promotion import version_cleanup
from pipelines.promotion.registry_sync import sync_aliases
from pipelines.promotion.version_cleanup import CleanupPlan, CleanupResult, plan_cleanup
from pipelines.workspace.workspace import Workspace
from tasks.retrying import is_transient


@task(task_run_name="choose what to prune in {model}", cache_policy=NO_CACHE, timeout_seconds=600)
def announce(model: str, keep: int, workspace: Workspace) -> CleanupPlan:
    """Choose the versions to delete, append them to the ledger, and write the entry to MLflow."""
    plan = plan_cleanup(model, keep, workspace)
    version_cleanup.record_removals(plan, workspace.ledger)
    sync_aliases(model, workspace)
    return plan


@task(
    task_run_name="delete old versions of {plan.model}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=is_transient,
    timeout_seconds=3600,
)
def clear(plan: CleanupPlan, workspace: Workspace) -> CleanupResult:
    """Delete the announced versions and publish the freed bytes."""
    freed = version_cleanup.remove(plan, workspace.registry)
    about = f"Old versions of {plan.model} that were deleted, and the disk space that this freed"
    create_table_artifact(key=f"prune-{plan.model}", table=[freed.row()], description=about)
    return freed
