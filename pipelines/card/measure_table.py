"""Every figure that a version was measured by, and what the gate of then asked of it."""

from collections.abc import Iterator

from pipelines.card.markdown import section, table
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.scorecard import Scorecard

# There may be hundreds of these, and a table of their own shows them; what has a limit is listed all the same.
ELSEWHERE = ("test.f1.", "slice.")


def measures(card: Scorecard) -> str:
    """A line for each; none where an older version kept the scorecard, which did not keep what was asked."""
    rows = [_row(measure) for measure in card.measures if _is_listed(measure)]
    known = any(measure.direction for measure in card.measures)
    return section("Measures", table(("measure", "value", "asked", "held"), rows), level=3) if known else ""


def _is_listed(measure: Measure) -> bool:
    return bool(measure.direction) or (measure.value is not None and not measure.name.startswith(ELSEWHERE))


def _row(measure: Measure) -> tuple[str, str, str, str]:
    value = " ".join(_value(measure))
    if measure.direction is None:
        return measure.name, value, "–", "–"
    return measure.name, value, f"{measure.direction} {_figure(measure.limit)}", "yes" if measure.held else "no"


def _value(measure: Measure) -> Iterator[str]:
    yield "not shown" if measure.value is None else _figure(measure.value)
    if measure.low is not None and measure.high is not None:
        yield f"[{_figure(measure.low)}, {_figure(measure.high)}]"


def _figure(value: float | None) -> str:
    """Three decimals, and none for a count."""
    if value is None:
        return "something"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
