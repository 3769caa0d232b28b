"""The flow that lets old versions go."""

from collections.abc import Sequence
from contextlib import ExitStack

from prefect import flow, tags

from flows.context import opened
from flows.tagging import tags_of
from pipelines.home.workspace import Workspace
from pipelines.promotion.version_cleanup import Freed
from pipelines.store.lease import BACKUP
from tasks.retention import announce, clear


@flow(name="prune", flow_run_name="prune old versions", timeout_seconds=6 * 3600)
def prune(models: Sequence[str], keep: int) -> list[Freed]:
    """Of each model, keep the champion, the one before, the one judged last and the newest `keep`; delete the rest."""
    workspace = opened()
    return [_prune(model, keep, workspace) for model in models]


def pruned(models: Sequence[str], keep: int) -> list[Freed]:
    """Run the flow in this process, with the tags by which its run is found."""
    with tags(*tags_of(prune, *models)):
        return prune(models, keep)


def _prune(model: str, keep: int, workspace: Workspace) -> Freed:
    """While nobody trains or tunes it, or copies its files."""
    names = f"train-{model}", f"tune-{model}", BACKUP
    with ExitStack() as stack:
        still_held, *_ = [stack.enter_context(workspace.lease(name)) for name in names]
        plan = announce(model, keep, workspace)
        still_held()
        return clear(plan, workspace)
