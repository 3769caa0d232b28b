"""Which trial's recipe is chosen, and why: a pure decision over what was measured on validation rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.tuning.trial import Trial

FINALISTS = 3  # recipes that are learnt again with other seeds


@dataclass(frozen=True)
class Candidate:
    """A recipe and its runs, one per seed, as `(score, score on resampled rows)`; seconds of one run.

    Run by run, all candidates were learnt with the same seed and judged by the same rows.
    """

    number: int
    name: str
    runs: tuple[tuple[float, tuple[float, ...]], ...]
    seconds: float
    unseen: bool = False  # the search did not choose by these runs

    @cached_property
    def score(self) -> float:
        """Mean over the seeds."""
        return float(np.mean([score for score, _ in self.runs]))

    @cached_property
    def draws(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Mean over the seeds on each resample of the rows."""
        return np.asarray(np.mean([draws for _, draws in self.runs], axis=0))

    @property
    def error(self) -> float:
        """Standard error of the score: other rows, other seeds."""
        return float((self.draws.var() + _noise([score for score, _ in self.runs])) ** 0.5)

    def error_against(self, other: "Candidate") -> float:
        """Standard error of the difference of two scores, run by run and on the same rows."""
        apart = [ours - theirs for (ours, _), (theirs, _) in zip(self.runs, other.runs, strict=True)]
        return float(((self.draws - other.draws).var() + _noise(apart)) ** 0.5)


def _noise(values: Sequence[float]) -> float:
    """Variance of the mean that other seeds would make; 0 for one run, which cannot tell."""
    return float(np.var(values, ddof=1) / len(values)) if len(values) > 1 else 0.0


@dataclass(frozen=True)
class Choice:
    """The trial whose recipe is to be used; none where nothing finished."""

    trial: int | None
    score: float
    error: float
    reason: str


def choose(candidates: Sequence[Candidate], declared: int | None, score: str) -> Choice:
    """The best mean that is not below the declared recipe's; within the standard error of it the cheapest.

    Of equally cheap ones the declared recipe. `score` is what people call the figure.
    """
    if not candidates:
        return Choice(
            None, 0.0, 0.0, "no trial finished, so the declared recipe stays; see how each ended, or allow more minutes"
        )
    own = next((one for one in candidates if one.number == declared), None)
    allowed = [one for one in candidates if own is None or one.score >= own.score]
    best = max(allowed, key=lambda one: (one.score, -one.seconds))
    tied = [one for one in allowed if best.score - one.score <= best.error_against(one)]
    chosen = min(tied, key=lambda one: (one.seconds, one is not own))
    return Choice(chosen.number, chosen.score, chosen.error, _reason(chosen, best, own, score))


def _reason(chosen: Candidate, best: Candidate, own: Candidate | None, score: str) -> str:
    runs = f"{len(chosen.runs)} runs that the search did not see" if chosen.unseen else "1 run"
    found = f"{score} {chosen.score:.3f} ± {chosen.error:.3f} on held-out training rows ({runs})"
    first = f"{_called(chosen, own)} has the best mean, {found}"
    if chosen is not best:
        gap = f"{best.score - chosen.score:.3f}, within the standard error of {best.error_against(chosen):.3f}"
        cheaper = f"learns in {chosen.seconds:.1f} s instead of {best.seconds:.1f} s"
        first = f"{_called(chosen, own)} has {found}: {_called(best, own)} is better by {gap}, but this {cheaper}"
    against = f"; the declared recipe has {own.score:.3f}" if own and chosen is not own else ""
    return first + against


def _called(one: Candidate, own: Candidate | None) -> str:
    return f"the declared recipe (trial {one.number})" if one is own else f"trial {one.number} ({one.name})"


def finalists(trials: Sequence[Trial], declared: int | None) -> list[Trial]:
    """The best finished recipes, the declared one always among them."""
    found = sorted(
        (one for one in trials if one.result and one.repeats is None),
        key=lambda one: -one.result.score if one.result else 0.0,
    )
    own = [one for one in found if one.number == declared]
    others = [one for one in found if one.number != declared]
    if own and own[0] in found[:FINALISTS]:
        return found[:FINALISTS]
    return [*others[: FINALISTS - len(own)], *own]


def candidates(trials: Sequence[Trial], declared: int | None) -> list[Candidate]:
    """The finalists with as many seeds each as all of them have: one lucky run must not beat a mean.

    Where all were learnt again, the first run counts no more: the search chose the luckiest of those, and its rows with
    them. A recipe that diverged with another seed is none.
    """
    fell = {one.repeats for one in trials if one.end == "diverged"}
    chosen = [one for one in finalists(trials, declared) if one.number not in fell]
    again = {one.number: [found.result for found in _repeats(trials, one.number) if found.result] for one in chosen}
    seeds = min(map(len, again.values()), default=0)
    runs = {one.number: again[one.number][:seeds] or [one.result for one in (one,) if one.result] for one in chosen}
    return [
        Candidate(
            number=one.number,
            name=str(one.backbone),
            runs=tuple((run.score, run.draws) for run in runs[one.number]),
            seconds=min(run.seconds for run in runs[one.number]),
            unseen=seeds > 0,
        )
        for one in chosen
    ]


def _repeats(trials: Sequence[Trial], number: int) -> list[Trial]:
    return sorted((one for one in trials if one.repeats == number), key=lambda one: one.recipe.seed)
