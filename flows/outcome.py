"""The result of one training cycle of one model, and the Prefect state that shows it."""

from dataclasses import dataclass
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from pipelines.evaluation.scorecard import Scorecard
from pipelines.promotion.verdict import Verdict
from pipelines.registry.version import ModelVersion

BY_HAND = "by hand"


@dataclass(frozen=True)
class Outcome:
    """A version and its decision; without a version the cycle was skipped, and `reason` says why.

    Of `ties` texts nothing was learnt, since votes on their labels are tied; `set_aside` says whose feedback was left
    out, and why. Both are a part of `reason`.
    """

    model: str
    verdict: Verdict
    reason: str
    seconds: float
    version: ModelVersion | None = None
    card: Scorecard | None = None
    reused: bool = False
    ties: int = 0
    set_aside: str = ""


def concluded(outcome: Outcome) -> State[Outcome]:
    """The end of a flow run, as Prefect lists it: Promoted, Held, Refused or Skipped, with the reasons as message.

    A refusal is the gate at work, no failure: every one of them is of the type COMPLETED.
    """
    return Completed(name=outcome.verdict.capitalize(), message=outcome.reason, data=outcome)


def outcome_of(returned: Any) -> Outcome:
    """The outcome of a flow that was called in this process: Prefect gives the data of the state that it ended in.

    Its type says otherwise, so it is checked. Raises TypeError.
    """
    if not isinstance(returned, Outcome):
        raise TypeError(f"the flow gave {type(returned).__name__}, not an outcome")
    return returned
