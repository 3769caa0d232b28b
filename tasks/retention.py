"""Let old versions go: the ledger says so first, then disk and bucket are freed, the registry forgets last."""

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.home.workspace import Workspace
from pipelines.promotion import version_cleanup
from pipelines.promotion.registry_sync import sync_aliases
from pipelines.promotion.version_cleanup import Freed, Plan, planned
from tasks.retrying import is_transient


@task(task_run_name="choose what to prune in {model}", cache_policy=NO_CACHE, timeout_seconds=600)
def announce(model: str, keep: int, workspace: Workspace) -> Plan:
    """Choose what goes, write it down, and let MLflow remember the entry."""
    plan = planned(model, keep, workspace)
    version_cleanup.announce(plan, workspace.ledger)
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
def clear(plan: Plan, workspace: Workspace) -> Freed:
    """Delete what was announced and publish what it freed."""
    freed = version_cleanup.clear(plan, workspace.registry)
    about = f"Old versions of {plan.model} that were deleted, and the disk space that this freed"
    create_table_artifact(key=f"prune-{plan.model}", table=[freed.row()], description=about)
    return freed
