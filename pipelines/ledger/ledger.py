"""The ledger of a home: read and verified as a whole, appended to durably."""

import getpass
import os
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock

from pipelines.ledger import witness
from pipelines.ledger.chain import require_complete, signed_head, verify_entries
from pipelines.ledger.entry import GENESIS, Entry, EventEntry, with_relative_addresses
from pipelines.ledger.events import DecisionEvent, Event, PromotingEvent
from pipelines.ledger.queries import current_champions, decisions
from pipelines.masking.identity import secret_key

if TYPE_CHECKING:
    from pipelines.store.store import Store

E = TypeVar("E", bound=Event)


class Ledger:
    """`<home>/ledger.jsonl`, signed with the home's key; `ledger.head` beside it holds the signed last entry.

    A last line cut by a crash was never acknowledged: readers skip it, writers drop it. With a `store`, the database
    records every entry, and so reveals a pair of files that was replaced by an older one.
    """

    def __init__(self, path: Path, store: "Callable[[], Store] | None" = None) -> None:
        self.path = path
        self.head = path.with_suffix(".head")
        self._store = store

    def current(self) -> list[Entry]:
        """All entries; raises BrokenLedger as `entries`, and if the database saw more or other entries."""
        entries = self.entries()
        if self._store:
            witness.compare_with_store(self._store(), entries, self.path)
        return entries

    def loss_message(self) -> str:
        """The message about a database that was made anew beside this ledger; empty if it was not."""
        return witness.loss_message(self._store(), self.path.parent) if self._store else ""

    def accept_loss(self) -> None:
        """Accept a database that was made anew as complete."""
        if self._store:
            self.current()  # records the loss
            store = self._store()
            store.accept_loss(secret_key(self.path.parent, store.needs_key))

    def entries(self) -> list[Entry]:
        """All entries in order; raises BrokenLedger at the first that breaks the chain, and for lost entries."""
        head = self.head.read_bytes() if self.head.exists() else b""  # before the entries, which only grow
        data = self.path.read_bytes() if self.path.exists() else b""
        lines = data[: data.rfind(b"\n") + 1]
        if not lines and not head:
            return []
        key = secret_key(self.path.parent)
        entries = list(verify_entries(lines, self.path, key))
        require_complete(entries, self.path, self.head, head, key)
        return entries

    def append(self, event: E, require: Callable[[list[Entry]], object] | None = None, by: str = "") -> EventEntry[E]:
        """Append one event durably (fsync) under a lock shared by all processes; returns its entry.

        `require` is called with the entries under that lock, and raises if the decision no longer fits them. `by` is
        the author; by default the user of this process.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.lock():
            entries = self.current()
            witness.require_registry_heads(entries, self.path)
            key = secret_key(self.path.parent)
            if require:
                require(entries)
            entry = self._entry(event, by, entries[-1].hash() if entries else GENESIS).signed(key)
            self._write(entries, entry, key)
            if self._store:
                witness.update_store(self._store(), key, [*entries, entry])
        return entry

    def _entry(self, event: E, by: str, previous: str) -> EventEntry[E]:
        home, time = self.path.parent, datetime.now(UTC).isoformat(timespec="milliseconds")
        return EventEntry(with_relative_addresses(event, home), by or current_user(), time, previous, home=str(home))

    def _write(self, entries: Sequence[Entry], entry: Entry, key: bytes) -> None:
        # The head before the entry: on a full disk the entry must not be in the file without an acknowledgement.
        draft = self.head.with_suffix(".head.tmp")
        draft.write_text(signed_head(entry, key), encoding="ascii")
        with self.path.open("a+b") as file:
            file.truncate(sum(len(earlier.line().encode()) + 1 for earlier in entries))
            file.write(entry.line().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.head)

    def lock(self) -> FileLock:
        """The lock under which processes append."""
        return FileLock(f"{self.path}.lock")

    def champions(self) -> dict[str, EventEntry[PromotingEvent]]:
        """For each model, the entry that made its current champion."""
        return current_champions(self.entries())

    def champion(self, model: str) -> EventEntry[PromotingEvent] | None:
        """The entry that made this model's champion, or None."""
        return self.champions().get(model)

    def last_decision(self, model: str, version: int) -> EventEntry[DecisionEvent] | None:
        """The last decision about this version, or None."""
        entries = [entry for entry in decisions(self.entries()) if (entry.model, entry.version) == (model, version)]
        return entries[-1] if entries else None


def actor(by: str) -> str:
    """The requester of an entry and the user that writes it; empty without a requester."""
    return f"{by}, through {current_user()}" if by else ""


def service_actor() -> str:
    """The author name of the service on this machine."""
    return f"service@{socket.gethostname()}"


def current_user() -> str:
    """The user of this process, with its machine."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # the user of a container may have no name
        return f"{os.getuid()}@{socket.gethostname()}"
