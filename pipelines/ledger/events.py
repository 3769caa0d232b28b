"""The events of the ledger: decisions about a version and actions on it, each class with its own fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Tag = Literal[
    "promote", "refuse", "hold", "rollback", "prune", "pause", "resume", "shadow", "canary", "withdraw", "abort"
]


@dataclass(frozen=True)
class Subject:
    """The version of an event.

    `location` and `digest` are the address and digest of its package; below the home, `location` is relative, except
    in old entries. `data` and `gate` are digests of its training data and its gate; `feedback` is the last feedback row
    that it learnt from.
    """

    model: str
    version: int
    location: str
    digest: str
    data: str
    gate: str
    feedback: int = 0


@dataclass(frozen=True)
class EventFields:
    """The fields of every event: its subject, the reasons, and the champion's version at that time."""

    subject: Subject
    reasons: tuple[str, ...]
    champion: int | None


@dataclass(frozen=True)
class DecisionFields(EventFields):
    """The fields of a decision; `evidence` has the digests of its evidence files by address."""

    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Promotion(DecisionFields):
    """The version became champion; `override` is a person's reason if the gate had refused it."""

    tag: ClassVar[Tag] = "promote"
    override: str = ""


@dataclass(frozen=True)
class Refusal(DecisionFields):
    """The gate refused the version."""

    tag: ClassVar[Tag] = "refuse"


@dataclass(frozen=True)
class Hold(DecisionFields):
    """The version passed the gate and waits for a person's approval."""

    tag: ClassVar[Tag] = "hold"


@dataclass(frozen=True)
class Rollback(DecisionFields):
    """An earlier champion became champion again, on the evidence of its promotion."""

    tag: ClassVar[Tag] = "rollback"


@dataclass(frozen=True)
class VersionRemoval(EventFields):
    """The version's artefacts are about to be deleted."""

    tag: ClassVar[Tag] = "prune"


@dataclass(frozen=True)
class Pause(EventFields):
    """The model was paused; `answer` is the fixed label for every text, or empty if the model abstains."""

    tag: ClassVar[Tag] = "pause"
    answer: str = ""


@dataclass(frozen=True)
class Resumption(EventFields):
    """The model answers again after a pause."""

    tag: ClassVar[Tag] = "resume"


@dataclass(frozen=True)
class Shadow(EventFields):
    """The version receives copies of the champion's requests."""

    tag: ClassVar[Tag] = "shadow"


@dataclass(frozen=True)
class Canary(EventFields):
    """The version answers a `share` of the customers (0 to 1) and is observed for so many `hours`.

    `override` is a person's reason if the gate had refused the version.
    """

    tag: ClassVar[Tag] = "canary"
    share: float = 0.0
    hours: float = 0.0
    override: str = ""


@dataclass(frozen=True)
class Withdrawal(EventFields):
    """A person ended the shadow or the canary."""

    tag: ClassVar[Tag] = "withdraw"


@dataclass(frozen=True)
class Abort(EventFields):
    """The service ended the shadow or the canary."""

    tag: ClassVar[Tag] = "abort"


PromotingEvent = Promotion | Rollback
DecisionEvent = PromotingEvent | Refusal | Hold
Rollout = Shadow | Canary
End = Withdrawal | Abort
Event = DecisionEvent | VersionRemoval | Pause | Resumption | Rollout | End


def override_reason(event: Event) -> str:
    """A person's reason to override the gate; empty without an override."""
    return event.override if isinstance(event, Promotion | Canary) else ""
