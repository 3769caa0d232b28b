"""Which trial's recipe is chosen, and why: a pure decision over what was measured on validation rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.tuning.trial import Trial

FINALISTS = 3  # recipes that are learnt again with other seeds


@dataclass(frozen=True)
class Candidate:
    """A recipe and its runs, one per seed, as `(macro-F1, macro-F1 on resampled rows)`; seconds of one run."""

    number: int
    name: str
    runs: tuple[tuple[float, tuple[float, ...]], ...]
    seconds: float

    @cached_property
    def score(self) -> float:
        """Mean over the seeds."""
        return float(np.mean([score for score, _ in self.runs]))

    @cached_property
    def draws(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Mean over the seeds on each resample of the rows."""
        return np.asarray(np.mean([draws for _, draws in self.runs], axis=0))

    @cached_property
    def noise(self) -> float:
        """Variance of the mean that other seeds would make; 0 for one run, which cannot tell."""
        return float(np.var([score for score, _ in self.runs], ddof=1) / len(self.runs)) if len(self.runs) > 1 else 0.0

    @property
    def error(self) -> float:
        """Standard error of the score: other rows, other seeds."""
        return float((self.draws.var() + self.noise) ** 0.5)

    def error_against(self, other: "Candidate") -> float:
        """Standard error of the difference of two scores on the same rows."""
        return float(((self.draws - other.draws).var() + self.noise + other.noise) ** 0.5)


@dataclass(frozen=True)
class Choice:
    """The trial whose recipe is to be used; none where nothing finished."""

    trial: int | None
    score: float
    error: float
    reason: str


def choose(candidates: Sequence[Candidate], declared: int | None) -> Choice:
    """The best mean that is not below the declared recipe's; within the standard error of it the cheapest."""
    if not candidates:
        return Choice(
            None, 0.0, 0.0, "no trial finished, so the declared recipe stays; see how each ended, or allow more minutes"
        )
    own = next((one for one in candidates if one.number == declared), None)
    allowed = [one for one in candidates if own is None or one.score >= own.score]
    best = max(allowed, key=lambda one: (one.score, -one.seconds))
    tied = [one for one in allowed if best.score - one.score <= best.error_against(one)]
    chosen = min(tied, key=lambda one: one.seconds)
    return Choice(chosen.number, chosen.score, chosen.error, _reason(chosen, best, own))


def _reason(chosen: Candidate, best: Candidate, own: Candidate | None) -> str:
    seeds = f"{len(chosen.runs)} seeds" if len(chosen.runs) > 1 else "1 seed"
    found = f"macro-F1 {chosen.score:.3f} ± {chosen.error:.3f} on the validation rows ({seeds})"
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

    A recipe that diverged with another seed is none.
    """
    fell = {one.repeats for one in trials if one.end == "diverged"}
    chosen = [one for one in finalists(trials, declared) if one.number not in fell]
    runs = {
        one.number: [found.result for found in (one, *_repeats(trials, one.number)) if found.result] for one in chosen
    }
    seeds = min(map(len, runs.values()), default=0)
    return [
        Candidate(
            number=one.number,
            name=str(one.backbone),
            runs=tuple((run.score, run.draws) for run in runs[one.number][:seeds]),
            seconds=min(run.seconds for run in runs[one.number]),
        )
        for one in chosen
    ]


def _repeats(trials: Sequence[Trial], number: int) -> list[Trial]:
    return sorted((one for one in trials if one.repeats == number), key=lambda one: one.recipe.seed)
