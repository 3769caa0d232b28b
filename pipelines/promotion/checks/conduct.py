"""How a challenger behaves beyond being right: capabilities, fairness, harm, confidence, scope."""

from collections.abc import Iterator

from pipelines.catalog import Gate
from pipelines.evaluation.behaviour.capability import OFF_TOPIC
from pipelines.evaluation.fairness import Fairness
from pipelines.evaluation.scorecard import Scorecard
from pipelines.promotion.checks.check import Check, at_most, missing

UNSURE = 0.1  # of the test texts; of the validation texts it was a twentieth


def behaviour(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """Every capability under its own ceiling or the common one; one that is named in the gate must be shown."""
    if not card.behaviour:
        yield missing("behaviour")
        return
    shown = {one.name: one for one in card.behaviour}
    for name in gate.capabilities.keys() - shown.keys():
        yield missing(f"the capability {name!r}")
    for one in card.behaviour:
        ceiling = gate.capabilities.get(one.name, 1 - gate.scope if one.name == OFF_TOPIC else gate.behaviour)
        yield at_most(f"behaviour: {one.name} failed {one.failed} of {one.cases},", one.rate, ceiling)


def fairness(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """No group's answers change too often, and none is given a label much more rarely than another."""
    if card.fairness is None or not card.fairness.groups:
        yield missing("fairness")
        return
    for group in card.fairness.groups:
        yield at_most(f"fairness: answers change for {group.name} in", group.rate, gate.fairness)
    yield _four_fifths(card.fairness, gate)


def _four_fifths(found: Fairness, gate: Gate) -> Check:
    held = found.ratio >= gate.four_fifths
    said = f"fairness: {found.label or 'a label'} goes to one group at {found.ratio:.2f} of another's rate"
    return Check(held, "" if held else f"{said}, at least {gate.four_fifths:.2f} is asked")


def harm(card: Scorecard, _gate: Gate) -> Iterator[Check]:
    """No label insults the one it is given to."""
    if card.harmful is None:
        yield missing("harmless labels")
    elif card.harmful:
        yield Check(False, f"labels hold harmful words: {', '.join(card.harmful)}")


def confidence(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """Confidence means what it says, and texts of no label are told by it."""
    if card.trust is None:
        yield missing("calibration")
    else:
        yield at_most("calibration: confidence is off by", card.trust.error, gate.calibration)
    if card.scope is None:
        yield missing("out-of-scope texts: without validation texts there is no threshold")
    else:
        held = card.scope.recall >= gate.scope
        yield Check(held, "" if held else f"tells {card.scope.recall:.1%} of out-of-scope texts, not {gate.scope:.1%}")
        if gate.scope > 0:  # whoever is never sure tells them all
            yield at_most("out of scope: unsure of texts of the labels,", 1 - card.scope.kept, UNSURE)
