"""What stops a canary: it fails, is slow or displeases more often than the champion does. Pure functions of counts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.promotion.sequential import BernoulliCount, difference, log_e_value

# The chance that a challenger no worse than is allowed is ever aborted, whichever guard errs: a third for each.
ALPHA = 0.05


@dataclass(frozen=True)
class Guard:
    """What is counted, in words, and how much more often than at the champion's it may happen: points of the rate."""

    name: str
    says: str
    margin: float


@dataclass(frozen=True)
class Arms:
    """What was seen of the challenger and of the champion, among customers dealt out by the same canary."""

    challenger: BernoulliCount = field(default_factory=BernoulliCount)
    champion: BernoulliCount = field(default_factory=BernoulliCount)


GUARDS = (
    Guard("errors", "requests failed", 0.01),
    Guard("latency", "requests were slow", 0.05),
    Guard("satisfaction", "customers were displeased", 0.05),
)
EACH = ALPHA / len(GUARDS)


def harm(seen: Mapping[str, Arms]) -> tuple[str, ...]:
    """Why a canary is to be aborted, in sentences with their figures; empty where no harm is shown."""
    return tuple(_told(guard, seen[guard.name]) for guard in GUARDS if guard.name in seen and _shown(guard, seen))


def figures(seen: Mapping[str, Arms]) -> list[dict[str, object]]:
    """For listings: counts and rates of both, and between which bounds the difference lies (anytime-valid)."""
    return [_figures(guard, seen.get(guard.name, Arms())) for guard in GUARDS]


def _shown(guard: Guard, seen: Mapping[str, Arms]) -> bool:
    arms = seen[guard.name]
    return bool(log_e_value(arms.challenger, arms.champion, guard.margin) >= math.log(1 / EACH))


def _told(guard: Guard, arms: Arms) -> str:
    least, _ = difference(arms.challenger, arms.champion, EACH)
    counts = (
        f"{_counted(arms.challenger)} of the challenger's {guard.says}, {_counted(arms.champion)} of the champion's"
    )
    return f"{guard.name}: {counts}: at least {100 * least:.1f} points more, {100 * guard.margin:g} are allowed"


def _counted(stream: BernoulliCount) -> str:
    return f"{stream.hits} of {stream.tries}"


def _figures(guard: Guard, arms: Arms) -> dict[str, object]:
    least, most = difference(arms.challenger, arms.champion, EACH)
    return {
        "guard": guard.name,
        "challenger": vars(arms.challenger),
        "champion": vars(arms.champion),
        "worse_at_least": round(least, 3),
        "worse_at_most": round(most, 3),
        "allowed": guard.margin,
    }
