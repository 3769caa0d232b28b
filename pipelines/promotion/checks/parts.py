"""Where the whole is not enough: declared slices, what people said last, and whether the data can be believed."""

from collections.abc import Iterator

from pipelines.catalog import Gate
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.significance import holm, p_below
from pipelines.promotion.checks.check import Check, missing
from pipelines.promotion.checks.comparison import worse_on_texts


def slices(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """None is shown to be under its floor; one with too few texts refuses only where it is required."""
    if card.slices is None:
        yield missing("slices")
        return
    lacking = [f"{one.name} ({one.texts})" for one in card.slices if one.required and not one.enough]
    yield Check(not lacking, f"insufficient texts of required slices: {', '.join(lacking)}" if lacking else "")
    enough = {one.name: one for one in card.slices if one.enough}
    under = holm({name: p_below(one.right, one.texts, one.floor) for name, one in enough.items()}, gate.alpha)
    said = ", ".join(f"{name} ({enough[name].right} of {enough[name].texts})" for name in under)
    yield Check(not under, f"slices under their floor: {said}" if under else "")


def recent(card: Scorecard, gate: Gate) -> Iterator[Check]:
    """Not worse than the champion and not under the accuracy floor on recent feedback, where there is enough."""
    if card.recent is None:
        yield missing("recent feedback")
    elif card.recent.enough:
        under = p_below(card.recent.right, card.recent.texts, gate.accuracy) < gate.alpha
        said = f"{card.recent.right} of {card.recent.texts} recent texts are right, under the floor {gate.accuracy:.3f}"
        yield Check(not under, said if under else "")
        if card.recent.against:
            yield worse_on_texts(card.recent.against.pairs, gate, "on recent texts")


def doubts(card: Scorecard, _gate: Gate) -> Iterator[Check]:
    """No train text is nearly a test text."""
    if card.doubts is None:
        yield missing("a split without leaks")
    else:
        leaks = card.doubts.leaks
        yield Check(leaks == 0, f"{leaks} train texts are nearly test texts: ingest the source again" if leaks else "")
