"""The error rates of the gate as measures, each beside those of the naive rule."""

from collections.abc import Iterator

from pipelines.bench.gate.population import Population, gain
from pipelines.bench.gate.promotion_counts import Arena, Counts, counted
from pipelines.bench.gate.scenarios import Asked, Scenario, scenarios
from pipelines.bench.part import Measure
from pipelines.kinds.classification.evaluation.label_resamples import accuracy
from pipelines.kinds.labelled.label_counts import macro_f1

FEW = 20  # texts of a label: fewer are told apart


def rates(arena: Arena, trials: int) -> Iterator[Measure]:
    """Every figure of every scenario of one data set, with Clopper and Pearson's interval."""
    for scenario in scenarios(arena.of, arena.gate):
        found = counted(arena, scenario.name, scenario.changes, scenario.times * trials)
        for asked in scenario.asked:
            yield _measure(arena, scenario, asked, found)


def _measure(arena: Arena, scenario: Scenario, asked: Asked, found: Counts) -> Measure:
    rate = found.rate(asked.judge, refused=asked.refused)
    labels = [_by_size(arena.of, asked.judge, found)] if asked.refused else []
    return Measure(
        part=arena.name,
        recipe=scenario.name,
        figure=f"{asked.judge}: {'refused' if asked.refused else 'promoted'}",
        value=rate.value,
        goal=asked.goal,
        low=rate.low,
        high=rate.high,
        seconds=found.seconds,
        note="; ".join([_truth(arena.of, scenario), f"{found.trials} trials of {arena.of.texts} texts", *labels]),
        at_most=not asked.refused,
    )


def _truth(of: Population, scenario: Scenario) -> str:
    """By how many points the challenger is truly better, on average over the changes."""
    changes = scenario.changes.values()
    means = [100 * sum(gain(of, one, score) for one in changes) / len(changes) for score in (accuracy, macro_f1)]
    return f"truly accuracy {means[0]:+.2f} points, macro-F1 {means[1]:+.2f}"


def _by_size(of: Population, judge: str, found: Counts) -> str:
    """Refusals where the broken label has many texts and where it has few."""
    texts = {label: int((of.given == place).sum()) // 2 for place, label in enumerate(of.labels)}
    said = [f"{len(found.by)} of {len(texts)} labels"]
    for name, few in ((f"{FEW} texts or more", False), ("fewer", True)):
        rows = [row for label, row in found.by.items() if (texts[label] < FEW) is few]
        if many := sum(row["trials"] for row in rows):
            said.append(f"{name}: {many - sum(row[judge] for row in rows)} of {many}")
    return ", ".join(said)
