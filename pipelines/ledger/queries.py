"""Questions to the entries of a ledger: who is champion, what was decided, what was pruned."""

from collections.abc import Iterable
from typing import TypeGuard

from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import Crowning, Pruning, Ruling


def crowns(entry: Entry) -> TypeGuard[Record[Crowning]]:
    """Whether it makes its version the champion."""
    return isinstance(entry.event, Crowning)


def decides(entry: Entry) -> TypeGuard[Record[Ruling]]:
    """Whether it is a decision about its version."""
    return isinstance(entry.event, Ruling)


def prunes(entry: Entry) -> TypeGuard[Record[Pruning]]:
    """Whether it says that its version is about to be deleted."""
    return isinstance(entry.event, Pruning)


def current_champions(entries: Iterable[Entry]) -> dict[str, Record[Crowning]]:
    """For each model, the last entry that made a champion."""
    return {entry.model: entry for entry in entries if crowns(entry)}


def decided(entries: Iterable[Entry]) -> list[Record[Ruling]]:
    """The decisions, without what was pruned, paused, resumed or tried afterwards."""
    return [entry for entry in entries if decides(entry)]


def pruned(entries: Iterable[Entry], model: str) -> dict[int, Record[Pruning]]:
    """By version of a model, the entry that pruned it; a version that was promoted again since then is not pruned."""
    last = {entry.version: entry for entry in entries if entry.model == model and (decides(entry) or prunes(entry))}
    return {version: entry for version, entry in last.items() if prunes(entry)}


def learnt(entries: Iterable[Entry]) -> int:
    """The last row of feedback that any of these versions learnt from; 0 for none."""
    return max((entry.event.subject.feedback for entry in entries), default=0)
