"""The flow that lets old versions go."""

from collections.abc import Sequence

from prefect import flow

from pipelines.lease import lease
from pipelines.promotion.pruning import Freed
from pipelines.settings import Settings
from tasks.retention import announce, clear


@flow(name="prune", timeout_seconds=6 * 3600)
def prune(models: Sequence[str], keep: int) -> list[Freed]:
    """Of each model, keep the champion, the one before, the one judged last and the newest `keep`; delete the rest."""
    settings = Settings().activate()
    return [_prune(model, keep, settings) for model in models]


def _prune(model: str, keep: int, settings: Settings) -> Freed:
    """While nobody trains or tunes it."""
    with lease(settings.database, f"train-{model}") as still_held, lease(settings.database, f"tune-{model}"):
        plan = announce(model, keep, settings)
        still_held()
        return clear(plan, settings)
