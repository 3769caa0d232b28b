"""Measures as a table on the terminal and in Markdown."""

from collections.abc import Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from pipelines.bench.part import BenchMeasure

HEADS = ("part", "recipe", "figure", "value", "goal", "reached", "seconds", "note")


def to_table(measures: Sequence[BenchMeasure], skipped: Mapping[str, str], title: str) -> Table:
    """A row per measure, and one per skipped part, with its reason."""
    table = Table(*HEADS, title=escape(title), show_lines=False)
    for row in _rows(measures, skipped):
        table.add_row(*map(escape, row))
    return table


def markdown(measures: Sequence[BenchMeasure], skipped: Mapping[str, str], title: str) -> str:
    """The same table in Markdown, below the machine."""
    rows = [HEADS, ("---",) * len(HEADS), *_rows(measures, skipped)]
    lines = ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
    return "\n".join([title, "", *lines, ""])


def verdict(measure: BenchMeasure) -> str:
    """ "reached", or by how much the goal was missed; empty without a goal."""
    if measure.missing is None:
        return ""
    return f"missed by {format_number(measure.missing)}" if measure.missing else "reached"


def format_number(value: float) -> str:
    """Four decimals below 2, otherwise one decimal."""
    return f"{value:.4f}" if abs(value) < 2 else f"{value:,.1f}"


def _rows(measures: Sequence[BenchMeasure], skipped: Mapping[str, str]) -> list[tuple[str, ...]]:
    measured = [_row(measure) for measure in measures]
    return [*measured, *((part, "", "", "", "", "skipped", "", reason) for part, reason in skipped.items())]


def _row(measure: BenchMeasure) -> tuple[str, ...]:
    bound = "" if measure.goal is None else f"{'<=' if measure.at_most else '>='} {format_number(measure.goal)}"
    seconds = "" if measure.seconds is None else f"{measure.seconds:,.1f}"
    note = (
        measure.note
        if measure.seed is None or "seed" in measure.note
        else f"seed {measure.seed}; {measure.note}".rstrip("; ")
    )
    return (measure.part, measure.recipe, measure.figure, _value(measure), bound, verdict(measure), seconds, note)


def _value(measure: BenchMeasure) -> str:
    if measure.low is None or measure.high is None or measure.low == measure.high:
        return format_number(measure.value)
    return f"{format_number(measure.value)} [{format_number(measure.low)}, {format_number(measure.high)}]"
