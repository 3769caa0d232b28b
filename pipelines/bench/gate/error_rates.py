"""The error rates of the gate as measures, beside those of the naive rule."""

from collections.abc import Iterator

from pipelines.bench.gate.population import Population, gain
from pipelines.bench.gate.promotion_counts import Arena, PromotionCounts, count_promotions
from pipelines.bench.gate.scenarios import RateQuestion, Scenario, scenarios
from pipelines.bench.part import BenchMeasure
from pipelines.kinds.classification.evaluation.label_resamples import accuracy
from pipelines.kinds.labelled.label_counts import macro_f1

FEW = 20  # texts of a label; labels with fewer are reported separately


def rates(arena: Arena, trials: int) -> Iterator[BenchMeasure]:
    """Every figure of every scenario of one data set, with the Clopper-Pearson interval."""
    for scenario in scenarios(arena.population, arena.gate):
        counts = count_promotions(arena, scenario.name, scenario.changes, scenario.times * trials)
        for question in scenario.questions:
            yield _measure(arena, scenario, question, counts)


def _measure(arena: Arena, scenario: Scenario, question: RateQuestion, counts: PromotionCounts) -> BenchMeasure:
    rate = counts.rate(question.judge, refused=question.refused)
    labels = [_by_size(arena.population, question.judge, counts)] if question.refused else []
    size = f"{counts.trials} trials of {arena.population.texts} texts"
    return BenchMeasure(
        part=arena.name,
        recipe=scenario.name,
        figure=f"{question.judge}: {'refused' if question.refused else 'promoted'}",
        value=rate.value,
        goal=question.goal,
        low=rate.low,
        high=rate.high,
        seconds=counts.seconds,
        note="; ".join([_truth(arena.population, scenario), size, *labels]),
        at_most=not question.refused,
    )


def _truth(population: Population, scenario: Scenario) -> str:
    """The true gain of the challenger in points, averaged over the changes."""
    changes = scenario.changes.values()
    means = [
        100 * sum(gain(population, change, score) for change in changes) / len(changes)
        for score in (accuracy, macro_f1)
    ]
    return f"truly accuracy {means[0]:+.2f} points, macro-F1 {means[1]:+.2f}"


def _by_size(population: Population, judge: str, counts: PromotionCounts) -> str:
    """Refusals for broken labels with many texts and with few."""
    texts = {label: int((population.references == index).sum()) // 2 for index, label in enumerate(population.labels)}
    parts = [f"{len(counts.by)} of {len(texts)} labels"]
    for name, few in ((f"{FEW} texts or more", False), ("fewer", True)):
        rows = [row for label, row in counts.by.items() if (texts[label] < FEW) is few]
        if trials := sum(row["trials"] for row in rows):
            parts.append(f"{name}: {trials - sum(row[judge] for row in rows)} of {trials}")
    return ", ".join(parts)
