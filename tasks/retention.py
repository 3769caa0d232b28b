"""Let old versions go: the ledger says so first, then disk and bucket are freed, the registry forgets last."""

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.ledger import Ledger
from pipelines.promotion import pruning
from pipelines.promotion.aligning import align
from pipelines.promotion.pruning import Freed, Plan, planned
from pipelines.registry.registry import Registry
from pipelines.settings import Settings
from tasks.retrying import passing


@task(cache_policy=NO_CACHE, timeout_seconds=600)
def announce(model: str, keep: int, settings: Settings) -> Plan:
    """Choose what goes, write it down, and let MLflow remember the entry."""
    plan = planned(model, keep, settings)
    pruning.announce(plan, Ledger(settings.ledger))
    align(model, settings)
    return plan


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=passing, timeout_seconds=3600)
def clear(plan: Plan, settings: Settings) -> Freed:
    """Delete what was announced and publish what it freed."""
    freed = pruning.clear(plan, Registry(settings))
    create_table_artifact(key=f"prune-{plan.model}", table=[freed.row()], description="What was pruned")
    return freed
