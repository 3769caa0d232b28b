"""The scenarios of the gate and their allowed error rates: no gain, a loss, a gain, one label broken."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from pipelines.bench.gate.handicaps import OutOfReach, break_label, shift_score
from pipelines.bench.gate.population import Population
from pipelines.bench.gate.promotion_counts import Changes
from pipelines.bench.gate.simulated_trials import BETTER, INTERVAL, NAIVE, NO_WORSE
from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import find
from pipelines.catalog.gate import Gate
from pipelines.kinds.classification.evaluation.label_resamples import accuracy
from pipelines.kinds.labelled.label_counts import macro_f1

SPECS = {spec.name: spec for spec in BUILT_IN}
CAUGHT = 0.99  # share of trials with a broken label that must be refused
CLOSE = 4  # factor of trials if the rate is so near its goal that a thousand may reach it by chance


@dataclass(frozen=True)
class RateQuestion:
    """A judge's rate of promotions or of refusals; the goal is a maximum of promotions, a minimum of refusals."""

    judge: str
    goal: float | None = None
    refused: bool = False


@dataclass(frozen=True)
class Scenario:
    """Changes by name, of which every trial draws one, and the rates to measure."""

    name: str
    changes: Changes
    questions: tuple[RateQuestion, ...]
    times: int = 1


def declared_gate(name: str) -> Gate:
    """The gate of the catalog without floors: the contestants' own level is not simulated."""
    if name == "banking77":
        return Gate(min_macro_f1=0, min_accuracy=0, margin=0.02, min_gain_over_baseline=0)
    gate = cast(Gate, find({"airline": "sentiment"}.get(name, name), SPECS).gate)
    return gate.model_copy(update={"min_macro_f1": 0.0, "min_accuracy": 0.0, "max_failure_rates": {}})


def scenarios(population: Population, gate: Gate) -> Iterator[Scenario]:
    """All scenarios, except those that no change of the data set can reach."""
    naive, refusals = (
        RateQuestion(NAIVE),
        (RateQuestion(NO_WORSE, CAUGHT, refused=True), RateQuestion(NAIVE, refused=True)),
    )
    false_promotions = {judge: RateQuestion(judge, gate.alpha) for judge in (NO_WORSE, BETTER, INTERVAL)}
    shifts = (
        ("neither is better", 0.0, accuracy, (false_promotions[BETTER], RateQuestion(NO_WORSE), naive)),
        ("worse by half a point", -0.005, accuracy, (false_promotions[BETTER], RateQuestion(NO_WORSE), naive)),
        (
            "worse by the margin",
            -gate.margin,
            macro_f1,
            (false_promotions[NO_WORSE], false_promotions[INTERVAL], naive),
        ),
        ("better by two points", 0.02, accuracy, (RateQuestion(BETTER), RateQuestion(NO_WORSE), naive)),
    )
    for name, points, score, questions in shifts:
        with suppress(OutOfReach):
            yield Scenario(name, {"": shift_score(population, points, score)}, questions)
    for name, lost, times in (
        ("half of a label lost, one point up", 0.5, CLOSE),
        ("a label lost, one point up", 1.0, 1),
    ):
        if changes := label_breaks(population, lost, 0.01):
            yield Scenario(name, changes, refusals, times)


def label_breaks(population: Population, lost: float, points: float) -> Changes:
    """A change for each label that breaks it; without labels that cannot be compensated or never were right."""
    changes = {}
    for index, label in enumerate(population.labels):
        if (population.challenger[population.references == index] == index).any():
            with suppress(OutOfReach):
                changes[label] = break_label(population, index, lost, points)
    return changes
