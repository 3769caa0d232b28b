"""Guards that stop a canary if it has more errors, slow requests or bad ratings than the champion; pure functions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.promotion.sequential import BernoulliCount, difference, log_e_value

# Chance that any guard ever aborts a challenger within the margins; each guard gets a third of it.
ALPHA = 0.05


@dataclass(frozen=True)
class Guard:
    """A counted event and its margin: the excess over the champion's rate that is tolerated (0 to 1)."""

    name: str
    event: str
    margin: float


@dataclass(frozen=True)
class Arms:
    """Counts of the challenger and of the champion, among customers that the same canary assigned."""

    challenger: BernoulliCount = field(default_factory=BernoulliCount)
    champion: BernoulliCount = field(default_factory=BernoulliCount)


GUARDS = (
    Guard("errors", "requests failed", 0.01),
    Guard("latency", "requests were slow", 0.05),
    Guard("satisfaction", "customers were displeased", 0.05),
)
ALPHA_PER_GUARD = ALPHA / len(GUARDS)


def harm(samples: Mapping[str, Arms]) -> tuple[str, ...]:
    """The reasons to abort a canary, with their figures; empty if no harm is shown."""
    return tuple(
        _reason(guard, samples[guard.name]) for guard in GUARDS if guard.name in samples and _is_harmed(guard, samples)
    )


def figures(samples: Mapping[str, Arms]) -> list[dict[str, object]]:
    """Rows for listings: counts of both arms, and anytime-valid bounds of the difference of their rates."""
    return [_figures(guard, samples.get(guard.name, Arms())) for guard in GUARDS]


def _is_harmed(guard: Guard, samples: Mapping[str, Arms]) -> bool:
    arms = samples[guard.name]
    return bool(log_e_value(arms.challenger, arms.champion, guard.margin) >= math.log(1 / ALPHA_PER_GUARD))


def _reason(guard: Guard, arms: Arms) -> str:
    low, _ = difference(arms.challenger, arms.champion, ALPHA_PER_GUARD)
    challenger, champion = _format_count(arms.challenger), _format_count(arms.champion)
    counts = f"{challenger} of the challenger's {guard.event}, {champion} of the champion's"
    return f"{guard.name}: {counts}: at least {100 * low:.1f} points more, {100 * guard.margin:g} are allowed"


def _format_count(count: BernoulliCount) -> str:
    return f"{count.successes} of {count.trials}"


def _figures(guard: Guard, arms: Arms) -> dict[str, object]:
    low, high = difference(arms.challenger, arms.champion, ALPHA_PER_GUARD)
    return {
        "guard": guard.name,
        "challenger": _count_row(arms.challenger),
        "champion": _count_row(arms.champion),
        "worse_at_least": round(low, 3),
        "worse_at_most": round(high, 3),
        "allowed": guard.margin,
    }


def _count_row(count: BernoulliCount) -> dict[str, object]:
    return {"tries": count.trials, "hits": count.successes}
