"""The result of one training cycle of one model, and the Prefect state that shows it."""

from dataclasses import dataclass
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from pipelines.evaluation.scorecard import Scorecard
from pipelines.ingestion.row_report import RowReport
from pipelines.promotion.verdict import Verdict
from pipelines.registry.version import ModelVersion

BY_HAND = "by hand"


@dataclass(frozen=True)
class Outcome:
    """A version and its decision; without a version the cycle was skipped, and `reason` explains it.

    `ties` is the number of texts left out because their votes are tied; `set_aside` is the sentence about feedback that
    was set aside. Both are part of `reason`. `rows` says what became of every row; None if no corpus was read.
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
    rows: RowReport | None = None


def final_state(outcome: Outcome) -> State[Outcome]:
    """The final state of a flow run in Prefect: Promoted, Held, Refused or Skipped, with the reasons as message.

    All four have the type COMPLETED, because a refusal is no failure.
    """
    return Completed(name=outcome.verdict.capitalize(), message=outcome.reason, data=outcome)


def outcome_of(returned: Any) -> Outcome:
    """The outcome of a flow that ran in this process: Prefect returns the data of its final state.

    Prefect's types do not express this, so it is checked; raises TypeError.
    """
    if not isinstance(returned, Outcome):
        raise TypeError(f"the flow returned {type(returned).__name__}, not an Outcome")
    return returned
