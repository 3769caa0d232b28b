"""One demand of a gate."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """Whether it held, and in words; no words where it is not worth any."""

    held: bool
    reason: str = ""


def missing(what: str) -> Check:
    """What was not shown refuses."""
    return Check(False, f"no evidence of {what}: judge the version again")


def at_least(name: str, value: float, floor: float, digits: str = ".3f") -> Check:
    """Said either way."""
    if not math.isfinite(value):
        return Check(False, f"{name} is {value}: no evidence")
    held = value >= floor
    return Check(held, f"{name} {value:{digits}} {'reaches' if held else 'is under'} the floor {floor:{digits}}")


def at_most(name: str, value: float, ceiling: float, digits: str = ".1%") -> Check:
    """Said only where it does not hold."""
    held = value <= ceiling  # never so for what is not a number
    return Check(held, "" if held else f"{name} {value:{digits}}, at most {ceiling:{digits}} may")
