"""What came of a version, in one word for commands, Prefect's states and the console."""

from enum import StrEnum
from typing import Literal

from pipelines.ledger.events import Event, Hold, Refusal, Ruling, overridden


class Verdict(StrEnum):
    """How a cycle ended: a version that is champion, that waits for a person, that the gate refused, or none."""

    PROMOTED = "promoted"
    HELD = "held"
    REFUSED = "refused"
    SKIPPED = "skipped"


def verdict(passed: bool, override: str = "", hold: bool = False) -> Verdict:
    """What becomes of a version that the gate let pass, or not; `override` is a person's reason to promote it.

    With `hold` a person has the last word on what passed.
    """
    if passed and hold:
        return Verdict.HELD
    return Verdict.PROMOTED if passed or override else Verdict.REFUSED


def held_or_refused(last: Event) -> Literal[Verdict.HELD, Verdict.REFUSED]:
    """What a version that is not champion is, by the last decision about it; whoever was left counts as refused."""
    return Verdict.HELD if isinstance(last, Hold) else Verdict.REFUSED


def against_the_gate(event: Ruling) -> bool:
    """Whether the gate refused the version, though a person may have promoted it."""
    return isinstance(event, Refusal) or bool(overridden(event))
