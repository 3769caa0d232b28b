"""Who else remembers the ledger's last entry: the home's database, and its MLflow."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home.databases import BrokenDatabase, remembered_heads
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.entry import Entry
from pipelines.masking.identity import secret_key
from pipelines.runtime.wording import several

if TYPE_CHECKING:
    from pipelines.store.store import Store

log = logging.getLogger(__name__)
ENTRIES = ("entry", "entries")
_OLDER = (
    "{} is older than its database, or another: it has {}, and the database saw {}, the last of them {}; put "
    "the newer ledger.jsonl and ledger.head back, or restore all of the home from one backup"
)
_NEW = (
    "the database is new, though the ledger had {} before it: predictions, feedback and keys from before are gone; "
    "restore a backup, or go on without them: needloop audit --accept-loss"
)
_FORKED = (
    "{} lacks entry {} about {}, which MLflow remembers, so nothing is added to it: put the newer ledger.jsonl and "
    "ledger.head back, or restore all of the home from one backup"
)


def compare(store: "Store", entries: Sequence[Entry], path: Path) -> None:
    """Raises BrokenLedger where the database saw more entries, or others; tells it of those that it did not see."""
    key = secret_key(path.parent, store.needs_key)
    seen = store.head(key)
    if seen and [entry.hash() for entry in entries[seen.entries - 1 : seen.entries]] != [seen.hash]:
        count = several(len(entries), *ENTRIES)
        raise BrokenLedger(_OLDER.format(path, count, seen.entries, seen.hash[:12]))
    if entries and (not seen or seen.entries < len(entries)):
        tell(store, key, entries, first=not seen)


def loss(store: "Store", home: Path) -> str:
    """What to say of a database that was made anew beside this ledger; empty where it was not."""
    count = store.lost(secret_key(home, store.needs_key))
    return _NEW.format(several(count, *ENTRIES)) if count else ""


def tell(store: "Store", key: bytes, entries: Sequence[Entry], first: bool = False) -> None:
    """Tell the database how far the ledger goes; where it cannot be told now, the next reader tells it.

    One that hears of it for the `first` time, and keeps nothing from before the last entry, was made anew meanwhile.
    """
    from pipelines.home.faults import DatabaseFault
    from pipelines.store.ledger_heads import Head

    head = Head(len(entries), entries[-1].hash())
    try:
        if first:
            store.mourn(key, head, datetime.fromisoformat(entries[-1].time))
            if store.lost(key):
                log.warning(_NEW.format(several(len(entries), *ENTRIES)))
        store.see(key, head)
    except DatabaseFault as error:
        log.warning("the database does not know the ledger's last entry yet: %s", error)


def require_remembered(entries: Sequence[Entry], path: Path) -> None:
    """Raises BrokenLedger where the home's MLflow remembers an entry that is gone: a new one would fork from it."""
    try:
        heads = remembered_heads(path.parent / "mlflow.db")
    except BrokenDatabase as error:  # a model must be paused also while that is damaged or locked
        log.warning("nobody asked MLflow whether the ledger is older: %s", error)
        return
    known = {entry.hash() for entry in entries}
    for model, head in heads.items():
        if head not in known:
            raise BrokenLedger(_FORKED.format(path, head[:12], model))
