"""The flow that deletes old versions."""

from collections.abc import Sequence
from contextlib import ExitStack

from prefect import flow, tags

from flows.context import open_workspace
from flows.tagging import tags_of
from pipelines.promotion.version_cleanup import CleanupResult
from pipelines.store.lease import BACKUP
from pipelines.workspace.workspace import Workspace
from tasks.retention import announce, clear


@flow(name="prune", flow_run_name="prune old versions", timeout_seconds=6 * 3600)
def prune(models: Sequence[str], keep: int) -> list[CleanupResult]:
    """Delete old versions; keep the champion, the previous one, the version decided last and the newest `keep`."""
    workspace = open_workspace()
    return [_prune(model, keep, workspace) for model in models]


def run_prune(models: Sequence[str], keep: int) -> list[CleanupResult]:
    """Run the flow in this process, with the tags by which its run is found."""
    with tags(*tags_of(prune, *models)):
        return prune(models, keep)


def _prune(model: str, keep: int, workspace: Workspace) -> CleanupResult:
    """Delete old versions of a model, under the leases of its training, its tuning and the backup."""
    names = f"train-{model}", f"tune-{model}", BACKUP
    with ExitStack() as stack:
        still_held, *_ = [stack.enter_context(workspace.lease(name)) for name in names]
        plan = announce(model, keep, workspace)
        still_held()
        return clear(plan, workspace)
