"""The scheduled flow that audits the ledger against MLflow, packages and service, and raises an alert."""

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
from pipelines.promotion.audit import find_differences
from pipelines.runtime.wording import counted_noun
from pipelines.storage import blobs
from pipelines.workspace.settings import Settings
from pipelines.workspace.workspace import Workspace

SETTLED_SECONDS = 10
EVERY_FEW_MINUTES = "*/5 * * * *"


class Disagreement(RuntimeError):
    """Ledger, registry, artefacts or service differ; the message names each difference."""


@flow(name="audit", flow_run_name="audit", timeout_seconds=600)
def audit(url: str | None = None) -> State[int]:
    """The number of ledger entries that agree with registry, artefacts and service; raises Disagreement otherwise."""
    settings = Settings().activate()
    workspace = settings.workspace
    lasting = _lasting_differences(workspace, url or settings.url, settings.authorization, required=url is not None)
    save_audit(workspace, lasting)
    report = "\n".join(f"- {sentence}" for sentence in lasting) or "nothing differs"
    about = f"Audit of ledger, MLflow's aliases, packages and service: {len(lasting) or 'no'} differences"
    create_markdown_artifact(key="audit", markdown=report, description=about)
    if lasting:
        emit_event("needloop.alert", {"prefect.resource.id": "needloop.ledger"}, payload={"differences": lasting})
        raise Disagreement("; ".join(lasting))
    entries = len(workspace.ledger.entries())
    return Completed(message=agreement_message(entries), data=entries)


def agreement_message(entries: int) -> str:
    """The message of an audit without differences."""
    return counted_noun(entries, "entry agrees", "entries agree")


def save_audit(workspace: Workspace, sentences: list[str]) -> None:
    """Save the differences and the time of the audit for the console."""
    record = {"time": datetime.now(UTC).isoformat(), "differences": sentences}
    blobs.write(json.dumps(record, ensure_ascii=False).encode(), str(workspace.files.audit))


def _lasting_differences(workspace: Workspace, url: str, headers: dict[str, str], required: bool) -> list[str]:
    """The differences that are still there 10 s later, since alias and service follow a decision within seconds."""
    first = differences(workspace, served_versions(url, headers, required=required))
    if not first:
        return []
    time.sleep(SETTLED_SECONDS)
    second = differences(workspace, served_versions(url, headers, required=required))
    return [sentence for sentence in first if sentence in second]


def differences(workspace: Workspace, answering: dict[str, int] | None) -> list[str]:
    """The differences as sentences; `answering` holds the served version of each model, or None without a service."""
    return find_differences(workspace.ledger, workspace.registry, workspace.files.packages, answering)


def served_versions(url: str, headers: dict[str, str], *, required: bool) -> dict[str, int] | None:
    """The served version of each model; None if no service answers, unless it is required."""
    try:
        versions: dict[str, int] = httpx.get(f"{url.rstrip('/')}/readyz", headers=headers, timeout=10).json()["models"]
        return versions
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
