"""The flow that looks, on a schedule, whether anybody went around the gate, and raises an alert where they did."""

import json
import time
from datetime import UTC, datetime

import httpx
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.states import Completed

from flows.scheduling import ScheduledJob
from pipelines.home.workspace import Workspace
from pipelines.promotion.audit import audit as compared
from pipelines.runtime.settings import Settings
from pipelines.runtime.wording import several
from pipelines.storage import blobs

SETTLED_SECONDS = 10
EVERY_FEW_MINUTES = "*/5 * * * *"


class Disagreement(RuntimeError):
    """Ledger, registry, artefacts or service do not say the same."""


@flow(name="audit", flow_run_name="audit", timeout_seconds=600)
def audit(url: str | None = None) -> State[int]:
    """How many entries agree with registry, artefacts and service; where one does not, the run fails and says what."""
    settings = Settings().activate()
    workspace = settings.workspace
    lasting = _lasting(workspace, url or settings.url, settings.authorization, required=url is not None)
    note(workspace, lasting)
    said = "\n".join(f"- {sentence}" for sentence in lasting) or "nothing differs"
    about = f"Audit of ledger, MLflow's aliases, packages and service: {len(lasting) or 'no'} differences"
    create_markdown_artifact(key="audit", markdown=said, description=about)
    if lasting:
        emit_event("needloop.alert", {"prefect.resource.id": "needloop.ledger"}, payload={"differences": lasting})
        raise Disagreement("; ".join(lasting))
    entries = len(workspace.ledger.entries())
    return Completed(message=agreed(entries), data=entries)


def agreed(entries: int) -> str:
    """The message of an audit without differences."""
    return several(entries, "entry agrees", "entries agree")


def note(workspace: Workspace, sentences: list[str]) -> None:
    """Leave what was found, and when, for the console."""
    told = {"time": datetime.now(UTC).isoformat(), "differences": sentences}
    blobs.write(json.dumps(told, ensure_ascii=False).encode(), str(workspace.files.audit))


def _lasting(workspace: Workspace, url: str, headers: dict[str, str], required: bool) -> list[str]:
    """What differs twice: a decision, its alias and its service follow each other within seconds."""
    found = differences(workspace, served(url, headers, required=required))
    if not found:
        return []
    time.sleep(SETTLED_SECONDS)
    again = differences(workspace, served(url, headers, required=required))
    return [sentence for sentence in found if sentence in again]


def differences(workspace: Workspace, answering: dict[str, int] | None) -> list[str]:
    """In sentences; `answering` are versions by model, none without a service."""
    return compared(workspace.ledger, workspace.registry, workspace.files.packages, answering)


def served(url: str, headers: dict[str, str], *, required: bool) -> dict[str, int] | None:
    """Which version of each model a service answers with; none where none answers, unless it is required."""
    try:
        found: dict[str, int] = httpx.get(f"{url.rstrip('/')}/readyz", headers=headers, timeout=10).json()["models"]
        return found
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        if required:
            raise
        return None


# An alias that was moved by hand is a failed run and a `needloop.alert`.
JOB = ScheduledJob(
    audit,
    "ledger",
    EVERY_FEW_MINUTES,
    "Compare the ledger, MLflow's aliases, the packages and the running service, every few minutes.",
)
