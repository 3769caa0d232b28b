"""The flow that looks, on a schedule, whether anybody went around the gate, and raises an alert where they did."""

import json
import time
from datetime import UTC, datetime

import httpx
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event

from pipelines import storage
from pipelines.ledger import Ledger
from pipelines.promotion.audit import audit as compared
from pipelines.registry.registry import Registry
from pipelines.settings import Settings

SETTLED_SECONDS = 10


class Disagreement(RuntimeError):
    """Ledger, registry, artefacts or service do not say the same."""


@flow(name="audit", flow_run_name="audit", timeout_seconds=600)
def audit(url: str | None = None) -> int:
    """How many entries agree with registry, artefacts and service; where one does not, the run fails and says what."""
    settings = Settings().activate()
    found = _lasting(settings, url)
    note(settings, found)
    said = "\n".join(f"- {sentence}" for sentence in found) or "nothing differs"
    create_markdown_artifact(
        key="audit", markdown=said, description="What the ledger, the registry and the service say"
    )
    if found:
        emit_event("needloop.alert", {"prefect.resource.id": "needloop.ledger"}, payload={"differences": found})
        raise Disagreement("; ".join(found))
    return len(Ledger(settings.ledger).entries())


def note(settings: Settings, found: list[str]) -> None:
    """Leave what was found, and when, for the console."""
    told = {"time": datetime.now(UTC).isoformat(), "differences": found}
    storage.write(json.dumps(told, ensure_ascii=False).encode(), str(settings.audit))


def _lasting(settings: Settings, url: str | None) -> list[str]:
    """What differs twice: a decision, its alias and its service follow each other within seconds."""
    asked, headers = url or settings.url, settings.authorization
    found = differences(settings, served(asked, headers, required=url is not None))
    if not found:
        return []
    time.sleep(SETTLED_SECONDS)
    again = differences(settings, served(asked, headers, required=url is not None))
    return [sentence for sentence in found if sentence in again]


def differences(settings: Settings, answering: dict[str, int] | None) -> list[str]:
    """In sentences; `answering` are versions by model, none without a service."""
    return compared(Ledger(settings.ledger), Registry(settings), settings.home / "cache" / "packages", answering)


def served(url: str, headers: dict[str, str], *, required: bool) -> dict[str, int] | None:
    """Which version of each model a service answers with; none where none answers, unless it is required."""
    try:
        found: dict[str, int] = httpx.get(f"{url.rstrip('/')}/readyz", headers=headers, timeout=10).json()["models"]
        return found
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        if required:
            raise
        return None
