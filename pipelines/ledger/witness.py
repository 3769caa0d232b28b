"""Comparison of the ledger with its witnesses: the database and MLflow record its last entry as well."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home.databases import BrokenDatabase, registry_heads
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import Entry
from pipelines.masking.identity import secret_key
from pipelines.runtime.wording import counted_noun

if TYPE_CHECKING:
    from pipelines.store.store import Store

log = logging.getLogger(__name__)
ENTRIES = ("entry", "entries")
_OLDER = (
    "{} is older than its database, or another ledger: it has {}, and the database saw {}, the last of them {}; "
    "restore the newer ledger.jsonl and ledger.head, or restore all of the home from one backup"
)
_NEW = (
    "the database is new, but the ledger had {} before it: older predictions, feedback and keys are lost; "
    "restore a backup, or go on without them: needloop audit --accept-loss"
)
_FORKED = (
    "{} lacks entry {} about {}, which MLflow has recorded, so no entry is appended: restore the newer ledger.jsonl "
    "and ledger.head, or restore all of the home from one backup"
)


def compare_with_store(store: "Store", entries: Sequence[Entry], path: Path) -> None:
    """Raise BrokenLedger if the database saw more or other entries; record in it the entries it did not see."""
    key = secret_key(path.parent, store.needs_key)
    seen = store.head(key)
    if seen and [entry.hash() for entry in entries[seen.entries - 1 : seen.entries]] != [seen.hash]:
        count = counted_noun(len(entries), *ENTRIES)
        raise BrokenLedger(_OLDER.format(path, count, seen.entries, seen.hash[:12]))
    if entries and (not seen or seen.entries < len(entries)):
        update_store(store, key, entries, first=not seen)


def loss_message(store: "Store", home: Path) -> str:
    """The message about a database that was made anew beside this ledger; empty if it was not."""
    count = store.lost_entries(secret_key(home, store.needs_key))
    return _NEW.format(counted_noun(count, *ENTRIES)) if count else ""


def update_store(store: "Store", key: bytes, entries: Sequence[Entry], first: bool = False) -> None:
    """Record the ledger's last entry in the database; if it cannot be written now, the next reader records it.

    A database without an earlier record (`first`) and without rows from before the last entry was made anew.
    """
    from pipelines.home.faults import DatabaseFault
    from pipelines.store.ledger_heads import Head

    head = Head(len(entries), entries[-1].hash())
    try:
        if first:
            store.record_loss(key, head, datetime.fromisoformat(entries[-1].time))
            if store.lost_entries(key):
                log.warning(_NEW.format(counted_noun(len(entries), *ENTRIES)))
        store.record_head(key, head)
    except DatabaseFault as error:
        log.warning(
            "the ledger's last entry could not be recorded in the database, the next reader tries again: %s", error
        )


def require_registry_heads(entries: Sequence[Entry], path: Path) -> None:
    """Raise BrokenLedger if MLflow has recorded an entry that the ledger lacks: a new entry would fork the chain."""
    try:
        heads = registry_heads(path.parent / "mlflow.db")
    except BrokenDatabase as error:  # a pause must be possible while that is damaged or locked
        log.warning("the ledger was not compared with MLflow: %s", error)
        return
    hashes = {entry.hash() for entry in entries}
    for model, head in heads.items():
        if head not in hashes:
            raise BrokenLedger(_FORKED.format(path, head[:12], model))
