"""How figures are written in a card."""

MISSING = "not recorded"
UNMEASURED = "Not measured."


def figure(value: float | None, unit: str = "") -> str:
    """Three digits; a dash for what was not measured."""
    return "–" if value is None else f"{value:.3f}{unit}"


def share(value: float) -> str:
    """A share in percent."""
    return f"{value:.1%}"


def size(count: float) -> str:
    """Bytes, as people read them."""
    for unit, many in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= many:
            return f"{count / many:,.1f} {unit}"
    return f"{count:.0f} bytes"
