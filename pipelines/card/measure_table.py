"""Card section with every measure and the limit that the gate set at that time."""

from collections.abc import Iterator

from pipelines.card.markdown import section, table
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.scorecard import Scorecard

# There may be hundreds of these, in tables of their own; those with a limit are listed here too.
OWN_TABLES = ("test.f1.", "slice.")


def measures(card: Scorecard) -> str:
    """A row for each measure; empty for a scorecard of an older version, which has no limits."""
    rows = [_row(measure) for measure in card.measures if _is_listed(measure)]
    has_limits = any(measure.direction for measure in card.measures)
    return section("Measures", table(("measure", "value", "asked", "held"), rows), level=3) if has_limits else ""


def _is_listed(measure: Measure) -> bool:
    return bool(measure.direction) or (measure.value is not None and not measure.name.startswith(OWN_TABLES))


def _row(measure: Measure) -> tuple[str, str, str, str]:
    value = " ".join(_value(measure))
    if measure.direction is None:
        return measure.name, value, "–", "–"
    return measure.name, value, f"{measure.direction} {_figure(measure.limit)}", "yes" if measure.passes else "no"


def _value(measure: Measure) -> Iterator[str]:
    yield "not shown" if measure.value is None else _figure(measure.value)
    if measure.low is not None and measure.high is not None:
        yield f"[{_figure(measure.low)}, {_figure(measure.high)}]"


def _figure(value: float | None) -> str:
    """Three decimals; a count without decimals."""
    if value is None:
        return "something"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
