"""Let a challenger stand, write down what was decided, and only then move the alias."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.catalog import ModelSpec
from pipelines.evaluation.scorecard import Scorecard
from pipelines.ledger import Entry, Ledger
from pipelines.promotion.decision import Decision, decide, gate_digest
from pipelines.registry import ModelVersion, Registry
from pipelines.settings import Settings


@task(cache_policy=NO_CACHE, timeout_seconds=300)
def promote(version: ModelVersion, card: Scorecard, spec: ModelSpec, settings: Settings) -> Decision:
    """Decide, append to the ledger, align MLflow's aliases with it, publish the reasons."""
    ledger = Ledger(settings.ledger)
    champion = ledger.champion(spec.name)
    decision = decide(card, spec.gate)
    ledger.append(
        Entry(
            event="promote" if decision.promote else "refuse",
            model=spec.name,
            version=version.version,
            location=version.location,
            digest=version.digest,
            data=version.snapshot,
            gate=gate_digest(spec.gate),
            reasons=decision.reasons,
            champion=champion.version if champion else None,
            feedback=version.feedback,
            evidence=card.evidence,
        )
    )
    align(spec.name, settings)
    Registry(settings).attach(version, {}, [], {"decision": decision.reason})
    create_markdown_artifact(key=f"decision-{spec.name}", markdown=_report(version, decision, settings))
    return decision


def align(name: str, settings: Settings) -> None:
    """Make MLflow's aliases and its memory of the last entry say what the ledger says: also after a crash between."""
    registry = Registry(settings)
    judged = [entry for entry in Ledger(settings.ledger).entries() if entry.model == name]
    crowned = [entry.version for entry in judged if entry.event != "refuse"]
    wanted = dict(zip(("champion", "previous"), reversed(crowned), strict=False))
    if judged:
        wanted["challenger"] = judged[-1].version
        registry.mark(name, judged[-1].hash())
    for alias, version in wanted.items():
        if registry.aliases(name).get(alias) != version:
            registry.point(name, alias, version)


def _report(version: ModelVersion, decision: Decision, settings: Settings) -> str:
    verdict = "promoted" if decision.promote else "refused"
    reasons = "\n".join(f"- {reason}" for reason in decision.reasons)
    title = f"**{version.name} version {version.version} {verdict}**"
    return f"{title}\n\n{reasons}\n\nMLflow run `{version.run}`, {settings.tracking_uri}"
