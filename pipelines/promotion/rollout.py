"""A challenger on trial beside the champion: in its shadow, or as a canary that answers a share of the customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeGuard, TypeVar

from pipelines.inference.artefact import card, open_package
from pipelines.kinds.known import target_of_card
from pipelines.ledger.author import service
from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import (
    Abort,
    Canary,
    Crowning,
    End,
    Pruning,
    Rollout,
    Ruling,
    Shadow,
    Subject,
    Withdrawal,
)
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import crowns, current_champions, decided, pruned
from pipelines.promotion.preconditions import require_champion
from pipelines.promotion.verdict import against_the_gate

Way = Literal["shadow", "canary"]
E = TypeVar("E", bound=End)


class NoRollout(LookupError):
    """A version that cannot be tried, or no trial where one is to be ended."""


class GateRefused(ValueError):
    """A version that would answer customers against the gate's word."""


@dataclass(frozen=True)
class RolloutPlan:
    """How a version is tried, and why; `override` is a person's reason where the gate refused it."""

    way: Way
    reason: str
    share: float = 0.0
    hours: float = 0.0
    override: str = ""


def active_rollouts(entries: Iterable[Entry]) -> dict[str, Record[Rollout]]:
    """The entry that put a version on trial, by model: until the next, the end of it, or another champion."""
    found: dict[str, Record[Rollout]] = {}
    for entry in entries:
        running = found.get(entry.model)
        if tries(entry):
            found[entry.model] = entry
        elif running and (crowns(entry) or _ends(entry, running)):
            del found[entry.model]
    return found


def tries(entry: Entry) -> TypeGuard[Record[Rollout]]:
    """Whether it puts its version on trial."""
    return isinstance(entry.event, Rollout)


def answers_some(entry: Entry) -> TypeGuard[Record[Canary]]:
    """Whether it lets its version answer a share of the customers."""
    return isinstance(entry.event, Canary)


def aborted(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entry that ended a trial by itself, by model: until another is promoted or tried."""
    last = {entry.model: entry for entry in entries if isinstance(entry.event, Crowning | Rollout | Abort)}
    return {model: entry for model, entry in last.items() if isinstance(entry.event, Abort)}


def _ends(entry: Entry, running: Entry) -> bool:
    return isinstance(entry.event, End | Pruning) and entry.version == running.version


def begin(ledger: Ledger, model: str, version: int, terms: RolloutPlan, cache: Path) -> Record[Rollout]:
    """Put a version that was judged on trial; it ends the trial before. Raises NothingToTry and GateRefused."""
    entries = ledger.entries()
    champion = current_champions(entries).get(model)
    if champion is None:
        raise NoRollout(f"{model!r} has no champion to stand beside; run: needloop train {model}")
    judged = _judged(entries, champion, version)
    if terms.way == "canary" and against_the_gate(judged.event) and not terms.override:
        why = "; ".join(judged.reasons)
        raise GateRefused(f"the gate refused version {version} ({why}): say why it may answer, with --override")
    _require_same_labels(judged, champion, cache)

    def require_the_same(now: Sequence[Entry]) -> None:
        require_champion(now, model, champion.version)
        if _judged(now, champion, version) != judged:
            raise NoRollout(f"version {version} of {model!r} was judged anew meanwhile: look again, then decide")

    return ledger.append(_rollout(judged.event.subject, terms, champion.version), require_the_same)


def _rollout(subject: Subject, terms: RolloutPlan, champion: int) -> Rollout:
    if terms.way == "shadow":
        return Shadow(subject, (terms.reason,), champion)
    return Canary(subject, (terms.reason,), champion, terms.share, terms.hours, terms.override)


def withdraw(ledger: Ledger, model: str, reason: str) -> Record[Withdrawal]:
    """End a trial: the champion answers all. Raises NothingToTry."""
    running = active_rollouts(ledger.entries())
    if model not in running:
        raise NoRollout(f"{model!r} has no trial; models that have one: {', '.join(sorted(running)) or 'none'}")
    trial = running[model]
    return _end(ledger, trial, Withdrawal(trial.event.subject, (reason,), trial.champion))


def abort(ledger: Ledger, trial: Entry, reasons: Sequence[str]) -> Record[Abort] | None:
    """What a service writes when it ends a trial by itself; None where it has ended already."""
    try:
        return _end(ledger, trial, Abort(trial.event.subject, tuple(reasons), trial.champion), by=service())
    except NoRollout:
        return None


def _end(ledger: Ledger, trial: Entry, end: E, by: str = "") -> Record[E]:
    """Write it where this very trial still runs: one of the same version may have begun since."""

    def require_it(entries: Sequence[Entry]) -> None:
        if active_rollouts(entries).get(trial.model) != trial:
            raise NoRollout(f"the trial of {trial.model!r} {trial.version} has ended meanwhile")

    return ledger.append(end, require_it, by)


def _judged(entries: Sequence[Entry], champion: Entry, version: int) -> Record[Ruling]:
    judged = {entry.version: entry for entry in decided(entries) if entry.model == champion.model}
    gone = pruned(entries, champion.model)
    fit = sorted(set(judged) - set(gone) - {champion.version})
    if version not in fit:
        known = ", ".join(map(str, fit)) or "none"
        raise NoRollout(
            f"version {version} of {champion.model!r} cannot stand beside {champion.version}: judged were {known}"
        )
    return judged[version]


def _require_same_labels(judged: Entry, champion: Entry, cache: Path) -> None:
    """People would be answered with labels that nobody expects, and feedback would name others."""
    packages = (open_package(one.package, one.digest, cache) for one in (judged, champion))
    target, known = (target_of_card(card(package)) for package in packages)
    if not target.answers_as(known):
        raise NoRollout(f"version {judged.version} answers {target.expected}; the champion {known.expected}")
