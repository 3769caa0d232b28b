"""The whole loop, once around and once again: learn, judge, serve, listen, learn again, judge again."""

import time
from collections.abc import Callable, Sequence

import httpx
from rich.markup import escape

from flows.context import load_model
from flows.outcome import Outcome
from flows.processes.services import api
from flows.processes.temporary_key import temporary_key
from flows.replay import answered, replay
from flows.retraining import retrained
from flows.training import trained
from pipelines.runtime.settings import Settings

SWAP_SECONDS = 15
CAUSE = "needloop run"


class NotServed(RuntimeError):
    """A promotion that the service did not take up."""


def loop(models: Sequence[str], say: Callable[[str], None]) -> list[Outcome]:
    """Two cycles of every model; each step is told to `say` as it ends."""
    settings = Settings()
    first = [_told(trained(model, cause=CAUSE), say) for model in models]
    served = [model for model in models if settings.workspace.ledger.champion(model)]
    with temporary_key(settings) as shown, api(settings) as url:
        say(f"serving {', '.join(served) or 'nothing'} on {url}")
        for model in served:
            asked = replay(load_model(model)[1], shown, url)
            say(f"{model}: {asked} unseen messages asked and answered back" if asked else f"{model}: no new traffic")
        second = [_told(retrained(model, cause=CAUSE), say) for model in models]
        _taken_up(shown, url)
    return [outcome for pair in zip(first, second, strict=True) for outcome in pair]


def _told(outcome: Outcome, say: Callable[[str], None]) -> Outcome:
    say(escape(f"{outcome.model}: {outcome.verdict} ({outcome.reason})"))
    return outcome


def _taken_up(settings: Settings, url: str) -> None:
    """Wait until the service answers with every champion; raises NotServed."""
    wanted = {model: entry.version for model, entry in settings.workspace.ledger.champions().items()}
    deadline = time.monotonic() + SWAP_SECONDS
    while time.monotonic() < deadline:
        answer = answered(httpx.get(f"{url}/v1/models", headers=settings.authorization))
        found = {one["model"]: one["version"] for one in answer.json()["models"]}
        if found == wanted:
            return
        time.sleep(0.3)
    raise NotServed(f"the service answers with {found}, the ledger says {wanted}; see {settings.home / 'logs'}")
