"""Choice of a trial's recipe: a pure decision over scores on validation rows, with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.tuning.trial import Trial

FINALISTS = 3  # recipes that are repeated with other seeds


@dataclass(frozen=True)
class Candidate:
    """A recipe and its runs, one per seed, as `(score, scores on resampled rows)`; seconds of one run.

    Runs at the same position have the same seed and the same validation rows in all candidates.
    """

    number: int
    name: str
    runs: tuple[tuple[float, tuple[float, ...]], ...]
    seconds: float
    unseen: bool = False  # True if the search did not choose by these runs

    @cached_property
    def score(self) -> float:
        """Mean score over the seeds."""
        return float(np.mean([score for score, _ in self.runs]))

    @cached_property
    def draws(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Mean score over the seeds on each resample of the rows, `(resamples,)`."""
        return np.asarray(np.mean([draws for _, draws in self.runs], axis=0))

    @property
    def error(self) -> float:
        """Standard error of the score over other rows and other seeds."""
        return float((self.draws.var() + _seed_variance([score for score, _ in self.runs])) ** 0.5)

    def error_against(self, other: "Candidate") -> float:
        """Standard error of the difference of two scores, run by run and on the same rows."""
        differences = [ours - theirs for (ours, _), (theirs, _) in zip(self.runs, other.runs, strict=True)]
        return float(((self.draws - other.draws).var() + _seed_variance(differences)) ** 0.5)


def _seed_variance(values: Sequence[float]) -> float:
    """Variance of the mean over seeds; 0 for a single run, which cannot show it."""
    return float(np.var(values, ddof=1) / len(values)) if len(values) > 1 else 0.0


@dataclass(frozen=True)
class Choice:
    """The trial with the chosen recipe; None if no trial finished."""

    trial: int | None
    score: float
    error: float
    reason: str


def choose(candidates: Sequence[Candidate], declared: int | None, score: str) -> Choice:
    """Choose the best mean not below the declared recipe's; within its standard error the cheapest.

    Among equally cheap ones the declared recipe is chosen. `score` is the displayed name of the figure.
    """
    if not candidates:
        return Choice(
            None,
            0.0,
            0.0,
            "no trial finished, so the declared recipe stays; see the note of each trial, or allow more minutes",
        )
    own = next((candidate for candidate in candidates if candidate.number == declared), None)
    allowed = [candidate for candidate in candidates if own is None or candidate.score >= own.score]
    best = max(allowed, key=lambda candidate: (candidate.score, -candidate.seconds))
    tied = [candidate for candidate in allowed if best.score - candidate.score <= best.error_against(candidate)]
    chosen = min(tied, key=lambda candidate: (candidate.seconds, candidate is not own))
    return Choice(chosen.number, chosen.score, chosen.error, _reason(chosen, best, own, score))


def _reason(chosen: Candidate, best: Candidate, own: Candidate | None, score: str) -> str:
    runs = f"{len(chosen.runs)} runs that the search did not see" if chosen.unseen else "1 run"
    measured = f"{score} {chosen.score:.3f} ± {chosen.error:.3f} on held-out training rows ({runs})"
    sentence = f"{_describe(chosen, own)} has the best mean, {measured}"
    if chosen is not best:
        gap = f"{best.score - chosen.score:.3f}, within the standard error of {best.error_against(chosen):.3f}"
        cheaper = f"learns in {chosen.seconds:.1f} s instead of {best.seconds:.1f} s"
        sentence = (
            f"{_describe(chosen, own)} has {measured}: {_describe(best, own)} is better by {gap}, but this {cheaper}"
        )
    against = f"; the declared recipe has {own.score:.3f}" if own and chosen is not own else ""
    return sentence + against


def _describe(candidate: Candidate, own: Candidate | None) -> str:
    return (
        f"the declared recipe (trial {candidate.number})"
        if candidate is own
        else f"trial {candidate.number} ({candidate.name})"
    )


def finalists(trials: Sequence[Trial], declared: int | None) -> list[Trial]:
    """The best finished recipes, always including the declared one."""
    ranked = sorted(
        (trial for trial in trials if trial.result and trial.repeats is None),
        key=lambda trial: -trial.result.score if trial.result else 0.0,
    )
    own = [trial for trial in ranked if trial.number == declared]
    others = [trial for trial in ranked if trial.number != declared]
    if own and own[0] in ranked[:FINALISTS]:
        return ranked[:FINALISTS]
    return [*others[: FINALISTS - len(own)], *own]


def candidates(trials: Sequence[Trial], declared: int | None) -> list[Candidate]:
    """The finalists with equally many seeds each: one lucky run must not beat a mean.

    Where all were repeated, the first run no longer counts: the search chose the luckiest of those, and its rows with
    them. A recipe that diverged with another seed is no candidate.
    """
    diverged = {trial.repeats for trial in trials if trial.end == "diverged"}
    chosen = [trial for trial in finalists(trials, declared) if trial.number not in diverged]
    repeats = {
        trial.number: [repeat.result for repeat in _repeats(trials, trial.number) if repeat.result] for trial in chosen
    }
    seeds = min(map(len, repeats.values()), default=0)
    runs = {
        trial.number: repeats[trial.number][:seeds] or [trial.result for trial in (trial,) if trial.result]
        for trial in chosen
    }
    return [
        Candidate(
            number=trial.number,
            name=str(trial.backbone),
            runs=tuple((run.score, run.draws) for run in runs[trial.number]),
            seconds=min(run.seconds for run in runs[trial.number]),
            unseen=seeds > 0,
        )
        for trial in chosen
    ]


def _repeats(trials: Sequence[Trial], number: int) -> list[Trial]:
    return sorted((trial for trial in trials if trial.repeats == number), key=lambda trial: trial.recipe.seed)
