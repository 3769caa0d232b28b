"""Queries on the entries of a ledger: champions, decisions, pruned versions, rollouts."""

from collections.abc import Iterable
from typing import TypeGuard

from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import (
    Abort,
    Canary,
    DecisionEvent,
    End,
    PromotingEvent,
    Rollout,
    VersionRemoval,
)


def promotes(entry: Entry) -> TypeGuard[EventEntry[PromotingEvent]]:
    """True if the entry makes its version the champion."""
    return isinstance(entry.event, PromotingEvent)


def decides(entry: Entry) -> TypeGuard[EventEntry[DecisionEvent]]:
    """True if the entry is a decision about its version."""
    return isinstance(entry.event, DecisionEvent)


def prunes(entry: Entry) -> TypeGuard[EventEntry[VersionRemoval]]:
    """True if the entry announces the deletion of its version."""
    return isinstance(entry.event, VersionRemoval)


def current_champions(entries: Iterable[Entry]) -> dict[str, EventEntry[PromotingEvent]]:
    """For each model, the entry that made its current champion."""
    return {entry.model: entry for entry in entries if promotes(entry)}


def decisions(entries: Iterable[Entry]) -> list[EventEntry[DecisionEvent]]:
    """The decisions among the entries, in order."""
    return [entry for entry in entries if decides(entry)]


def pruning_entries(entries: Iterable[Entry], model: str) -> dict[int, EventEntry[VersionRemoval]]:
    """For each pruned version of a model, the entry that pruned it; a version decided on since is not pruned."""
    last = {entry.version: entry for entry in entries if entry.model == model and (decides(entry) or prunes(entry))}
    return {version: entry for version, entry in last.items() if prunes(entry)}


def last_learnt_feedback(entries: Iterable[Entry]) -> int:
    """The last feedback row that any of these versions learnt from; 0 if there is none."""
    return max((entry.event.subject.feedback for entry in entries), default=0)


def active_rollouts(entries: Iterable[Entry]) -> dict[str, EventEntry[Rollout]]:
    """The entry of each running rollout, by model; the next rollout, its end or a new champion ends it."""
    rollouts: dict[str, EventEntry[Rollout]] = {}
    for entry in entries:
        running = rollouts.get(entry.model)
        if is_rollout(entry):
            rollouts[entry.model] = entry
        elif running and (promotes(entry) or _ends(entry, running)):
            del rollouts[entry.model]
    return rollouts


def is_rollout(entry: Entry) -> TypeGuard[EventEntry[Rollout]]:
    """True if the entry starts a rollout."""
    return isinstance(entry.event, Rollout)


def is_canary(entry: Entry) -> TypeGuard[EventEntry[Canary]]:
    """True if the entry starts a canary."""
    return isinstance(entry.event, Canary)


def aborted_rollouts(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entry of each abort, by model, until another version is promoted or rolled out."""
    last_entries = {
        entry.model: entry for entry in entries if isinstance(entry.event, PromotingEvent | Rollout | Abort)
    }
    return {model: entry for model, entry in last_entries.items() if isinstance(entry.event, Abort)}


def _ends(entry: Entry, running: Entry) -> bool:
    return isinstance(entry.event, End | VersionRemoval) and entry.version == running.version
