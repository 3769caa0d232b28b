"""What is served: the same answers as what was trained, quickly enough and small enough."""

from collections.abc import Iterator

from pipelines.catalog import Gate
from pipelines.evaluation.scorecard import Scorecard
from pipelines.promotion.checks.check import Check, at_most, missing


def agreement(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """The package, in a fresh process and over HTTP, answers as the trained network did."""
    if card.agreement is None:
        yield missing("agreement with the trained network: the package records no answers, so train again")
    else:
        yield at_most("the service differs from the trained network in", card.agreement.share, gate.agreement)


def burden(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """Time is judged against the champion's in the same run: machines differ."""
    found = card.burden
    if found is None:
        yield missing("what it costs to serve")
        return
    yield at_most("one text takes", found.milliseconds, gate.milliseconds, ".1f")
    if found.champion_milliseconds is not None:
        yield _slower(found.milliseconds / max(found.champion_milliseconds, 1e-9), gate)
    yield at_most("the package holds", found.bytes / 1e6, gate.megabytes, ".1f")


def _slower(ratio: float, gate: Gate) -> Check:
    return at_most("one text takes, of the champion's time,", ratio, gate.slower, ".2f")
