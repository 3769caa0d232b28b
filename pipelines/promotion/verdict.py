"""The outcome of a cycle in one word, for commands, Prefect's states and the console."""

from enum import StrEnum
from typing import Literal

from pipelines.ledger.events import DecisionEvent, Event, Hold, Refusal, override_reason


class Verdict(StrEnum):
    """Promoted, held for a person's decision, refused by the gate, or skipped because nothing was trained."""

    PROMOTED = "promoted"
    HELD = "held"
    REFUSED = "refused"
    SKIPPED = "skipped"


def verdict(passed: bool, override: str = "", hold: bool = False) -> Verdict:
    """The verdict on a version that the gate passed or refused; `override` is a person's reason to promote it.

    With `hold` a version that passed waits for a person's decision.
    """
    if passed and hold:
        return Verdict.HELD
    return Verdict.PROMOTED if passed or override else Verdict.REFUSED


def held_or_refused(last: Event) -> Literal[Verdict.HELD, Verdict.REFUSED]:
    """The verdict on a version that is not champion, by its last decision."""
    return Verdict.HELD if isinstance(last, Hold) else Verdict.REFUSED


def gate_refused(event: DecisionEvent) -> bool:
    """True if the gate refused the version, even if a person promoted it."""
    return isinstance(event, Refusal) or bool(override_reason(event))
