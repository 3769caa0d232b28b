"""Formats of figures in a card."""

MISSING = "not recorded"
UNMEASURED = "Not measured."


def figure(value: float | None, unit: str = "") -> str:
    """A number with three decimals; a dash if it was not measured."""
    return "–" if value is None else f"{value:.3f}{unit}"


def share(value: float) -> str:
    """A share in percent."""
    return f"{value:.1%}"


def size(count: float) -> str:
    """A number of bytes in GB, MB or kB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count:.0f} bytes"
