"""Rollout of a challenger beside the champion: as a shadow, or as a canary that answers a share of the customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pipelines.inference.artefact import open_package, read_package_metadata
from pipelines.kinds.known import target_of_card
from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import (
    Abort,
    Canary,
    DecisionEvent,
    End,
    Rollout,
    Shadow,
    Subject,
    Withdrawal,
)
from pipelines.ledger.ledger import Ledger, service_actor
from pipelines.ledger.queries import active_rollouts, current_champions, decisions, pruning_entries
from pipelines.promotion.preconditions import require_champion
from pipelines.promotion.verdict import gate_refused

Mode = Literal["shadow", "canary"]
E = TypeVar("E", bound=End)


class NoRollout(LookupError):
    """The version cannot be rolled out, or there is no rollout to end."""


class GateRefused(ValueError):
    """The gate refused the version, and no override allows it to answer customers."""


@dataclass(frozen=True)
class RolloutPlan:
    """The mode of a rollout, its reason and its size; `override` is a person's reason against the gate's refusal."""

    mode: Mode
    reason: str
    share: float = 0.0
    hours: float = 0.0
    override: str = ""


def start_rollout(ledger: Ledger, model: str, version: int, plan: RolloutPlan, cache: Path) -> EventEntry[Rollout]:
    """Start the rollout of a judged version; replaces a running one. Raises NoRollout and GateRefused."""
    entries = ledger.entries()
    champion = current_champions(entries).get(model)
    if champion is None:
        raise NoRollout(f"{model!r} has no champion to compare with; run: needloop train {model}")
    ruling = _ruling(entries, champion, version)
    if plan.mode == "canary" and gate_refused(ruling.event) and not plan.override:
        why = "; ".join(ruling.reasons)
        raise GateRefused(
            f"the gate refused version {version} ({why}): to start the canary anyway, give the reason with --override"
        )
    _require_same_labels(ruling, champion, cache)

    def require_unchanged(current: Sequence[Entry]) -> None:
        require_champion(current, model, champion.version)
        if _ruling(current, champion, version) != ruling:
            raise NoRollout(
                f"version {version} of {model!r} was evaluated again meanwhile: look at it again, then decide"
            )

    return ledger.append(_rollout(ruling.event.subject, plan, champion.version), require_unchanged)


def _rollout(subject: Subject, plan: RolloutPlan, champion: int) -> Rollout:
    if plan.mode == "shadow":
        return Shadow(subject, (plan.reason,), champion)
    return Canary(subject, (plan.reason,), champion, plan.share, plan.hours, plan.override)


def withdraw_rollout(ledger: Ledger, model: str, reason: str) -> EventEntry[Withdrawal]:
    """End a rollout: the champion answers all customers. Raises NoRollout."""
    running = active_rollouts(ledger.entries())
    if model not in running:
        raise NoRollout(
            f"{model!r} has no running rollout; models that have one: {', '.join(sorted(running)) or 'none'}"
        )
    rollout = running[model]
    return _end(ledger, rollout, Withdrawal(rollout.event.subject, (reason,), rollout.champion))


def abort_rollout(ledger: Ledger, rollout: Entry, reasons: Sequence[str]) -> EventEntry[Abort] | None:
    """The abort that a service appends when a guard shows harm; None if the rollout has ended already."""
    try:
        return _end(ledger, rollout, Abort(rollout.event.subject, tuple(reasons), rollout.champion), by=service_actor())
    except NoRollout:
        return None


def _end(ledger: Ledger, rollout: Entry, end: E, by: str = "") -> EventEntry[E]:
    """Append `end` if exactly this rollout is still running; a new one of the same version does not count."""

    def require_running(entries: Sequence[Entry]) -> None:
        if active_rollouts(entries).get(rollout.model) != rollout:
            raise NoRollout(f"the rollout of {rollout.model!r} {rollout.version} has ended meanwhile")

    return ledger.append(end, require_running, by)


def _ruling(entries: Sequence[Entry], champion: Entry, version: int) -> EventEntry[DecisionEvent]:
    rulings = {entry.version: entry for entry in decisions(entries) if entry.model == champion.model}
    pruned = pruning_entries(entries, champion.model)
    candidates = sorted(set(rulings) - set(pruned) - {champion.version})
    if version not in candidates:
        known = ", ".join(map(str, candidates)) or "none"
        raise NoRollout(
            f"version {version} of {champion.model!r} cannot be rolled out beside {champion.version}; "
            f"versions that can: {known}"
        )
    return rulings[version]


def _require_same_labels(ruling: Entry, champion: Entry, cache: Path) -> None:
    """Raises NoRollout if the labels differ: customers would get unknown labels and feedback would name them."""
    packages = (open_package(entry.package, entry.digest, cache) for entry in (ruling, champion))
    target, champion_target = (target_of_card(read_package_metadata(package)) for package in packages)
    if not target.is_compatible_with(champion_target):
        raise NoRollout(f"version {ruling.version} answers {target.expected}; the champion {champion_target.expected}")
