"""Ledger events of the gate's decisions."""

from collections.abc import Mapping

from pipelines.ledger.events import DecisionEvent, Hold, Promotion, Refusal, Subject
from pipelines.promotion.decision import Decision
from pipelines.promotion.verdict import Verdict, verdict
from pipelines.registry.version import ModelVersion


def subject(version: ModelVersion, gate: str) -> Subject:
    """The registered version as the subject of an event; `gate` is the digest of the gate that judged it."""
    return Subject(
        version.name, version.version, version.location, version.digest, version.snapshot, gate, version.feedback
    )


def ruling(
    decision: Decision,
    about: Subject,
    champion: int | None,
    evidence: Mapping[str, str],
    override: str = "",
    hold: bool = False,
) -> DecisionEvent:
    """The event of a decision: a promotion, a refusal, or a hold if the version passed and a person decides.

    With an `override`, a person's reason, a version that the gate refuses is promoted.
    """
    match verdict(decision.promote, override, hold):
        case Verdict.HELD:
            return Hold(about, decision.reasons, champion, evidence)
        case Verdict.PROMOTED:
            override_reason = "" if decision.promote else override
            return Promotion(about, decision.reasons, champion, evidence, override_reason)
    return Refusal(about, decision.reasons, champion, evidence)
