"""Let a challenger stand, write down what was decided, and only then move the alias."""

from dataclasses import replace

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.catalog import ModelSpec
from pipelines.evaluation.scorecard import Scorecard
from pipelines.ledger import Entry, Ledger, asked, crowned
from pipelines.promotion.aligning import align, require_whole
from pipelines.promotion.decision import Decision, decide, gate_digest
from pipelines.promotion.returning import returned, target
from pipelines.registry.registry import Registry
from pipelines.registry.version import ModelVersion
from pipelines.settings import Settings


@task(cache_policy=NO_CACHE, timeout_seconds=300)
def promote(
    version: ModelVersion,
    card: Scorecard,
    spec: ModelSpec,
    settings: Settings,
    override: str = "",
    by: str = "",
    hold: bool = False,
) -> Decision:
    """Decide, append to the ledger, align MLflow's aliases with it, publish the reasons.

    With an `override`, a person's reason, the version is promoted whatever the gate says; the ledger has both. `by` is
    who asked this process for it. What is on `hold` is judged, and not promoted.
    """
    ledger = Ledger(settings.ledger)
    require_whole(ledger.entries(), spec.name, Registry(settings))
    champion = ledger.champion(spec.name)
    decision = decide(card, spec.gate, spec.slices)
    ledger.append(
        Entry(
            event="hold" if hold and decision.promote else "promote" if decision.promote or override else "refuse",
            model=spec.name,
            version=version.version,
            location=version.location,
            digest=version.digest,
            data=version.snapshot,
            gate=gate_digest(spec),
            reasons=decision.reasons,
            champion=champion.version if champion else None,
            feedback=version.feedback,
            evidence=card.evidence,
            override="" if decision.promote else override,
            by=asked(by),
        )
    )
    align(spec.name, settings)
    Registry(settings).attach(version, {}, [], {"decision": decision.reason})
    create_markdown_artifact(key=f"decision-{spec.name}", markdown=_report(version, decision, override, settings, hold))
    return decision


@task(cache_policy=NO_CACHE, timeout_seconds=300)
def rollback(spec: ModelSpec, to: int | None, reason: str, settings: Settings, by: str = "") -> Entry:
    """Make an earlier champion the champion again, once it has answered in a fresh process."""
    ledger = Ledger(settings.ledger)
    entries = ledger.entries()
    require_whole(entries, spec.name, Registry(settings))
    found, now = target(entries, spec.name, to), crowned(entries).get(spec.name)
    before, agreement = now.version if now else 0, spec.gate.agreement
    entry = returned(found, before, reason, settings.home, spec.labels, agreement)
    written = ledger.append(replace(entry, by=asked(by)))
    align(spec.name, settings)
    said = f"**{spec.name} version {written.version} is champion again**\n\n- {written.reasons[0]}"
    create_markdown_artifact(key=f"decision-{spec.name}", markdown=said)
    return written


def _report(version: ModelVersion, decision: Decision, override: str, settings: Settings, hold: bool) -> str:
    passed = "passed, and waits for a person" if hold else "promoted"
    refused = f"promoted against the gate ({override})" if override else "refused"
    verdict = passed if decision.promote else refused
    reasons = "\n".join(f"- {reason}" for reason in decision.reasons)
    title = f"**{version.name} version {version.version} {verdict}**"
    return f"{title}\n\n{reasons}\n\nMLflow run `{version.run}`, {settings.tracking_uri}"
