"""Rollback: the choice of an earlier champion and a smoke test in a fresh process before it is recorded."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipelines.inference.artefact import load_reference_answers, open_package, read_package_metadata, require_agreement
from pipelines.inference.subprocess_check import answer_in_subprocess
from pipelines.kinds.known import target_of_card
from pipelines.kinds.target import Target
from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import PromotingEvent, Rollback
from pipelines.ledger.queries import promotes, pruning_entries

SMOKE_TEXTS = ("where is my order", "thank you, that was quick")


class NoRollbackTarget(LookupError):
    """The version never was champion, or there is no earlier champion."""


def rollback_target(entries: Sequence[Entry], model: str, to: int | None) -> EventEntry[PromotingEvent]:
    """The entry that promoted the version to return to: the one below the champion on the stack, or version `to`.

    A version that was rolled back is no target unless it is named. Raises NoRollbackTarget.
    """
    promotions = [entry for entry in entries if entry.model == model and promotes(entry)]
    if not promotions:
        raise NoRollbackTarget(f"{model!r} has no champion yet; run: needloop train {model}")
    pruned, current = pruning_entries(entries, model), promotions[-1].version
    candidates = (
        champion_stack(promotions)[:-1] if to is None else [entry for entry in promotions if entry.version == to]
    )
    targets = [entry for entry in candidates if entry.version not in {current, *pruned}]
    if not targets:
        target_name = "an earlier champion" if to is None else f"version {to}"
        earlier = sorted({entry.version for entry in promotions} - {current})
        known = ", ".join(_format_version(number, pruned) for number in earlier) or "none"
        raise NoRollbackTarget(
            f"{model!r} cannot be rolled back to {target_name}: "
            f"champions other than {current} were {known}; choose one with --to"
        )
    return targets[-1]


def champion_stack(promotions: Iterable[EventEntry[PromotingEvent]]) -> list[EventEntry[PromotingEvent]]:
    """The stack of champions, the current one last: a promotion pushes, a rollback pops those above its version."""
    standing: list[EventEntry[PromotingEvent]] = []
    for entry in promotions:
        versions = [champion.version for champion in standing]
        if isinstance(entry.event, Rollback) and entry.version in versions:
            standing = standing[: versions.index(entry.version)]
        standing.append(entry)
    return standing


def _format_version(number: int, pruned: Mapping[int, Entry]) -> str:
    return f"{number} (pruned on {pruned[number].time[:10]})" if number in pruned else str(number)


def rollback_entry(
    entry: EventEntry[PromotingEvent], champion: int, reason: str, home: Path, declared: Target, max_mismatch: float
) -> Rollback:
    """The rollback event, to be appended, after the package has answered in a fresh process.

    Raises BrokenPackage if more than a share of `max_mismatch` of its answers differ from the recorded ones, and
    NoRollbackTarget if its labels are not those declared now.
    """
    folder = open_package(entry.package, entry.digest, home / "cache" / "packages")
    references = load_reference_answers(folder)
    responses = answer_in_subprocess(
        entry.package, entry.digest, [*SMOKE_TEXTS, *(reference.text for reference in references)], home
    )
    require_agreement(references, responses[len(SMOKE_TEXTS) :], max_mismatch)
    target = target_of_card(read_package_metadata(folder))
    if not target.is_compatible_with(declared):
        raise NoRollbackTarget(
            f"version {entry.version} answers {target.expected}; declared are {declared.expected}; "
            f"run: needloop train {entry.model}"
        )
    reasons = (f"back from version {champion}: {reason}",)
    return Rollback(entry.event.subject, reasons, champion, entry.event.evidence)
