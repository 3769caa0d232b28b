"""Measures as a table for people: on the terminal and in Markdown."""

from collections.abc import Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from pipelines.bench.part import Measure

HEADS = ("part", "recipe", "figure", "value", "goal", "reached", "seconds", "note")


def shown(measures: Sequence[Measure], skipped: Mapping[str, str], title: str) -> Table:
    """A row per measure, and one per part that was skipped, with its reason."""
    table = Table(*HEADS, title=escape(title), show_lines=False)
    for row in _rows(measures, skipped):
        table.add_row(*map(escape, row))
    return table


def markdown(measures: Sequence[Measure], skipped: Mapping[str, str], title: str) -> str:
    """The same table in Markdown, the machine above it."""
    rows = [HEADS, ("---",) * len(HEADS), *_rows(measures, skipped)]
    lines = ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
    return "\n".join([title, "", *lines, ""])


def verdict(measure: Measure) -> str:
    """Whether the goal was reached, or by how much it was missed; empty without a goal."""
    if measure.missing is None:
        return ""
    return f"missed by {number(measure.missing)}" if measure.missing else "reached"


def number(value: float) -> str:
    """Four decimals of shares, four figures of what is larger."""
    return f"{value:.4f}" if abs(value) < 2 else f"{value:,.1f}"


def _rows(measures: Sequence[Measure], skipped: Mapping[str, str]) -> list[tuple[str, ...]]:
    measured = [_row(one) for one in measures]
    return [*measured, *((part, "", "", "", "", "skipped", "", reason) for part, reason in skipped.items())]


def _row(one: Measure) -> tuple[str, ...]:
    bound = "" if one.goal is None else f"{'<=' if one.at_most else '>='} {number(one.goal)}"
    seconds = "" if one.seconds is None else f"{one.seconds:,.1f}"
    note = one.note if one.seed is None or "seed" in one.note else f"seed {one.seed}; {one.note}".rstrip("; ")
    return (one.part, one.recipe, one.figure, _value(one), bound, verdict(one), seconds, note)


def _value(one: Measure) -> str:
    if one.low is None or one.high is None or one.low == one.high:
        return number(one.value)
    return f"{number(one.value)} [{number(one.low)}, {number(one.high)}]"
