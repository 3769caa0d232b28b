"""The events of the ledger: what was decided about a version, or done with it, each with the fields of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Tag = Literal[
    "promote", "refuse", "hold", "rollback", "prune", "pause", "resume", "shadow", "canary", "withdraw", "abort"
]


@dataclass(frozen=True)
class Subject:
    """The version that an event is about.

    `location` and `digest` address its packaged artefact; below the home, `location` is relative to it, but for old
    entries. `data` and `gate` are digests of what it learnt from and was held against; `feedback` is the last row it
    learnt from.
    """

    model: str
    version: int
    location: str
    digest: str
    data: str
    gate: str
    feedback: int = 0


@dataclass(frozen=True)
class Recorded:
    """What every event says: its subject, the reasons, and the champion's version at that moment."""

    subject: Subject
    reasons: tuple[str, ...]
    champion: int | None


@dataclass(frozen=True)
class Judged(Recorded):
    """A decision; `evidence` are the digests of the files that it was taken on, by address."""

    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Promotion(Judged):
    """The version became champion; `override` is a person's reason where the gate had refused it."""

    tag: ClassVar[Tag] = "promote"
    override: str = ""


@dataclass(frozen=True)
class Refusal(Judged):
    """The gate refused the version."""

    tag: ClassVar[Tag] = "refuse"


@dataclass(frozen=True)
class Hold(Judged):
    """The gate let the version pass, and a person has the last word."""

    tag: ClassVar[Tag] = "hold"


@dataclass(frozen=True)
class Rollback(Judged):
    """An earlier champion became champion again, on the evidence of its promotion."""

    tag: ClassVar[Tag] = "rollback"


@dataclass(frozen=True)
class Pruning(Recorded):
    """The version's artefacts are about to be deleted."""

    tag: ClassVar[Tag] = "prune"


@dataclass(frozen=True)
class Pause(Recorded):
    """The model was silenced; `answer` is the label that it gives to every text, and empty where it abstains."""

    tag: ClassVar[Tag] = "pause"
    answer: str = ""


@dataclass(frozen=True)
class Resumption(Recorded):
    """The model answers again after a pause."""

    tag: ClassVar[Tag] = "resume"


@dataclass(frozen=True)
class Shadow(Recorded):
    """The version sees copies of what the champion is asked."""

    tag: ClassVar[Tag] = "shadow"


@dataclass(frozen=True)
class Canary(Recorded):
    """The version answers a `share` of the customers, and is looked at for so many `hours`.

    `override` is a person's reason where the gate had refused the version.
    """

    tag: ClassVar[Tag] = "canary"
    share: float = 0.0
    hours: float = 0.0
    override: str = ""


@dataclass(frozen=True)
class Withdrawal(Recorded):
    """A person ended the shadow or the canary."""

    tag: ClassVar[Tag] = "withdraw"


@dataclass(frozen=True)
class Abort(Recorded):
    """The service ended the shadow or the canary by itself."""

    tag: ClassVar[Tag] = "abort"


Crowning = Promotion | Rollback
Ruling = Crowning | Refusal | Hold
Rollout = Shadow | Canary
End = Withdrawal | Abort
Event = Ruling | Pruning | Pause | Resumption | Rollout | End


def overridden(event: Event) -> str:
    """A person's reason to go against the gate; empty where nobody did."""
    return event.override if isinstance(event, Promotion | Canary) else ""
