"""Two cycles of the loop: train, evaluate, serve, collect feedback, retrain, evaluate again."""

import time
from collections.abc import Callable, Sequence

import httpx
from rich.markup import escape

from flows.context import load_model
from flows.outcome import Outcome
from flows.processes.services import api
from flows.processes.temporary_key import temporary_key
from flows.replay import replay, require_success
from flows.retraining import run_retraining
from flows.training import run_training
from pipelines.workspace.settings import Settings

SWAP_SECONDS = 15
CAUSE = "needloop run"


class NotServed(RuntimeError):
    """The service did not load a promoted version in time."""


def loop(models: Sequence[str], say: Callable[[str], None]) -> list[Outcome]:
    """Run two cycles of every model; print a line with `say` at the end of each step."""
    settings = Settings()
    first = [_announce(run_training(model, cause=CAUSE), say) for model in models]
    served = [model for model in models if settings.workspace.ledger.champion(model)]
    with temporary_key(settings) as run_settings, api(settings) as url:
        say(f"serving {', '.join(served) or 'nothing'} on {url}")
        for model in served:
            count = replay(load_model(model)[1], run_settings, url)
            say(f"{model}: {count} new messages asked, labels sent back" if count else f"{model}: no new traffic")
        second = [_announce(run_retraining(model, cause=CAUSE), say) for model in models]
        _wait_for_champions(run_settings, url)
    return [outcome for pair in zip(first, second, strict=True) for outcome in pair]


def _announce(outcome: Outcome, say: Callable[[str], None]) -> Outcome:
    say(escape(f"{outcome.model}: {outcome.verdict} ({outcome.reason})"))
    return outcome


def _wait_for_champions(settings: Settings, url: str) -> None:
    """Wait until the service answers with every champion; raises NotServed."""
    expected = {model: entry.version for model, entry in settings.workspace.ledger.champions().items()}
    deadline = time.monotonic() + SWAP_SECONDS
    while time.monotonic() < deadline:
        response = require_success(httpx.get(f"{url}/v1/models", headers=settings.authorization))
        served_versions = {row["model"]: row["version"] for row in response.json()["models"]}
        if served_versions == expected:
            return
        time.sleep(0.3)
    raise NotServed(
        f"the service answers with {served_versions}, the ledger names {expected}; see {settings.home / 'logs'}"
    )
