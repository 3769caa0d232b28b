"""What a gate is put to, and what it must not exceed: neither better, worse, better, one label broken."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from pipelines.bench.gate.handicaps import OutOfReach, broken, moved
from pipelines.bench.gate.population import Population
from pipelines.bench.gate.promotion_counts import Changes
from pipelines.bench.gate.simulated_trials import BETTER, INTERVAL, NAIVE, NO_WORSE
from pipelines.catalog.spec import BUILT_IN, Gate, find
from pipelines.kinds.classification.evaluation.label_resamples import accuracy
from pipelines.kinds.labelled.label_counts import macro_f1

SPECS = {spec.name: spec for spec in BUILT_IN}
CAUGHT = 0.99  # of the trials with a broken label
CLOSE = 4  # times as many trials where the rate is so near its goal that a thousand may reach it by luck


@dataclass(frozen=True)
class Asked:
    """One figure: how often a judge promotes or refuses; a goal is a ceiling of promotions, a floor of refusals."""

    judge: str
    goal: float | None = None
    refused: bool = False


@dataclass(frozen=True)
class Scenario:
    """Changes of which every trial draws one, by name, and what is asked about it."""

    name: str
    changes: Changes
    asked: tuple[Asked, ...]
    times: int = 1


def declared(name: str) -> Gate:
    """As the catalog has it for the bundled sets, without floors: how good both contestants are is not simulated."""
    if name == "banking77":
        return Gate(macro_f1=0, accuracy=0, margin=0.02, lead=0)
    gate = cast(Gate, find({"airline": "sentiment"}.get(name, name), SPECS).gate)
    return gate.model_copy(update={"macro_f1": 0.0, "accuracy": 0.0, "capabilities": {}})


def scenarios(of: Population, gate: Gate) -> Iterator[Scenario]:
    """Every one; what no change of a data set reaches is left out."""
    naive, refused = Asked(NAIVE), (Asked(NO_WORSE, CAUGHT, refused=True), Asked(NAIVE, refused=True))
    false = {judge: Asked(judge, gate.alpha) for judge in (NO_WORSE, BETTER, INTERVAL)}
    plain = (
        ("neither is better", 0.0, accuracy, (false[BETTER], Asked(NO_WORSE), naive)),
        ("worse by half a point", -0.005, accuracy, (false[BETTER], Asked(NO_WORSE), naive)),
        ("worse by the margin", -gate.margin, macro_f1, (false[NO_WORSE], false[INTERVAL], naive)),
        ("better by two points", 0.02, accuracy, (Asked(BETTER), Asked(NO_WORSE), naive)),
    )
    for name, points, score, asked in plain:
        with suppress(OutOfReach):
            yield Scenario(name, {"": moved(of, points, score)}, asked)
    for name, lost, times in (
        ("half of a label lost, one point up", 0.5, CLOSE),
        ("a label lost, one point up", 1.0, 1),
    ):
        if changes := breaks(of, lost, 0.01):
            yield Scenario(name, changes, refused, times)


def breaks(of: Population, lost: float, points: float) -> Changes:
    """Each label broken, by name; left out where the others cannot make up for it, or nothing was ever right."""
    found = {}
    for place, label in enumerate(of.labels):
        if (of.challenger[of.given == place] == place).any():
            with suppress(OutOfReach):
                found[label] = broken(of, place, lost, points)
    return found
