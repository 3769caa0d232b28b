"""What the ledger keeps of a decision."""

from collections.abc import Mapping

from pipelines.ledger.events import Hold, Promotion, Refusal, Ruling, Subject
from pipelines.promotion.decision import Decision
from pipelines.promotion.verdict import Verdict, verdict
from pipelines.registry.version import ModelVersion


def subject(version: ModelVersion, gate: str) -> Subject:
    """A registered version as the subject of an event; `gate` is the digest of what it was held against."""
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
) -> Ruling:
    """The event of a decision: a promotion, a hold where the gate lets it pass and a person decides, or a refusal.

    With an `override`, a person's reason, a version that the gate refuses is promoted.
    """
    match verdict(decision.promote, override, hold):
        case Verdict.HELD:
            return Hold(about, decision.reasons, champion, evidence)
        case Verdict.PROMOTED:
            forced = "" if decision.promote else override
            return Promotion(about, decision.reasons, champion, evidence, forced)
    return Refusal(about, decision.reasons, champion, evidence)
