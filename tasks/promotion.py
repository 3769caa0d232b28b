"""Tasks that decide and roll back: append to the ledger first, then set MLflow's aliases."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from expectations import prior
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.scorecard import Scorecard
from pipelines.ledger.entry import EventEntry
from pipelines.ledger.events import Rollback
from pipelines.ledger.ledger import actor
from pipelines.ledger.queries import current_champions
from pipelines.promotion.decision import Decision, decide, gate_digest
from pipelines.promotion.decision_event import ruling, subject
from pipelines.promotion.registry_sync import sync_aliases, verify_ledger_head
from pipelines.promotion.rollback import rollback_entry, rollback_target
from pipelines.promotion.verdict import Verdict, verdict
from pipelines.registry.version import ModelVersion
from pipelines.workspace.workspace import Workspace
from tasks.progress import with_progress_lines


@task(task_run_name="decide", cache_policy=NO_CACHE, timeout_seconds=300)
@with_progress_lines
def promote(
    version: ModelVersion,
    card: Scorecard,
    spec: ModelSpec,
    workspace: Workspace,
    override: str = "",
    by: str = "",
    hold: bool = False,
) -> Decision:
    """Decide, append to the ledger, set MLflow's aliases, publish the reasons.

    With `override`, a person's reason, the version is promoted even if the gate refuses; the ledger keeps both. `by` is
    the name of the deciding person. With `hold`, a version that passes is not promoted.
    """
    ledger = workspace.ledger
    verify_ledger_head(ledger.entries(), spec.name, workspace.registry)
    champion = ledger.champion(spec.name)
    decision = decide(card, spec.gate, spec.slices)
    about, current = subject(version, gate_digest(spec)), champion.version if champion else None
    ledger.append(ruling(decision, about, current, card.evidence, override, hold), by=actor(by))
    sync_aliases(spec.name, workspace)
    if verdict(decision.promote, override, hold) is Verdict.PROMOTED:
        prior.adopt_shares(version.snapshot, spec, workspace.home)
    workspace.registry.log_evaluation(version, {}, [], {"decision": decision.reason})
    report = _report(version, decision, override, workspace, hold)
    create_markdown_artifact(
        key=f"decision-{spec.name}", markdown=report, description=_about(spec.name, version.version)
    )
    return decision


@task(task_run_name="roll back", cache_policy=NO_CACHE, timeout_seconds=300)
@with_progress_lines
def rollback(spec: ModelSpec, to: int | None, reason: str, workspace: Workspace, by: str = "") -> EventEntry[Rollback]:
    """Make an earlier champion the champion again, after it has answered in a fresh process."""
    ledger = workspace.ledger
    entries = ledger.entries()
    verify_ledger_head(entries, spec.name, workspace.registry)
    target, current = rollback_target(entries, spec.name, to), current_champions(entries).get(spec.name)
    current_version, agreement = current.version if current else 0, spec.gate.tolerance
    event = rollback_entry(target, current_version, reason, workspace.home, spec.target, agreement)
    written = ledger.append(event, by=actor(by))
    sync_aliases(spec.name, workspace)
    prior.adopt_shares(event.subject.data, spec, workspace.home)
    report = f"**{spec.name} version {written.version} is champion again**\n\n- {written.reasons[0]}"
    about = _about(spec.name, written.version)
    create_markdown_artifact(key=f"decision-{spec.name}", markdown=report, description=about)
    return written


def _about(model: str, version: int) -> str:
    return f"Decision about {model} version {version}, and its reasons"


def _report(version: ModelVersion, decision: Decision, override: str, workspace: Workspace, hold: bool) -> str:
    passed = "passed, and waits for a person to promote it" if hold else "promoted"
    refused = f"promoted against the gate ({override})" if override else "refused"
    verdict = passed if decision.promote else refused
    reasons = "\n".join(f"- {reason}" for reason in decision.reasons)
    title = f"**{version.name} version {version.version} {verdict}**"
    return f"{title}\n\n{reasons}\n\nMLflow run `{version.run}`, {workspace.tracking_uri}"
