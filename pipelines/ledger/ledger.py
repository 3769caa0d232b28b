"""The ledger of a home: read and verified as a whole, and added to durably."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock

from pipelines.ledger import witness
from pipelines.ledger.author import whoever
from pipelines.ledger.chain import verified
from pipelines.ledger.entry import GENESIS, Entry, Record, kept
from pipelines.ledger.events import Crowning, Event, Ruling
from pipelines.ledger.ledger_head import require_whole, signed_head
from pipelines.ledger.queries import current_champions, decided
from pipelines.masking.identity import secret_key

if TYPE_CHECKING:
    from pipelines.store.store import Store

E = TypeVar("E", bound=Event)


class Ledger:
    """`<home>/ledger.jsonl`, signed with the home's key; `ledger.head` beside it signs how far it went.

    A last line torn by a crash was never acknowledged: readers skip it, writers drop it. Where both files are replaced
    by an older pair, the database knows: it is told of every entry, if a `store` is given.
    """

    def __init__(self, path: Path, store: "Callable[[], Store] | None" = None) -> None:
        self.path = path
        self.head = path.with_suffix(".head")
        self._store = store

    def current(self) -> list[Entry]:
        """All entries, as `entries`; raises BrokenLedger also where the database saw more of them, or others."""
        entries = self.entries()
        if self._store:
            witness.compare(self._store(), entries, self.path)
        return entries

    def loss(self) -> str:
        """What to say of a database that was made anew beside this ledger; empty where it was not."""
        return witness.loss(self._store(), self.path.parent) if self._store else ""

    def accept_loss(self) -> None:
        """Let a database that was made anew count as whole."""
        if self._store:
            self.current()  # which finds out
            store = self._store()
            store.accept_loss(secret_key(self.path.parent, store.needs_key))

    def entries(self) -> list[Entry]:
        """All entries in order; raises BrokenLedger at the first that does not fit the chain, and for lost ones."""
        head = self.head.read_bytes() if self.head.exists() else b""  # before the entries, which only grow
        data = self.path.read_bytes() if self.path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if not whole and not head:
            return []
        key = secret_key(self.path.parent)
        entries = list(verified(whole, self.path, key))
        require_whole(entries, self.path, self.head, head, key)
        return entries

    def append(self, event: E, require: Callable[[list[Entry]], object] | None = None, by: str = "") -> Record[E]:
        """Add one event durably (fsync) under a lock shared by all processes; returns its entry.

        `require` sees the entries under that lock, and raises where they are no longer what was decided on. `by` is
        who writes it, the user of this process where nobody is named.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.locked():
            entries = self.current()
            witness.require_remembered(entries, self.path)
            key = secret_key(self.path.parent)
            if require:
                require(entries)
            home, previous = self.path.parent, entries[-1].hash() if entries else GENESIS
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            written = Record(kept(event, home), by or whoever(), now, previous, home=str(home)).signed(key)
            self._write(entries, written, key)
            if self._store:
                witness.tell(self._store(), key, [*entries, written])
        return written

    def _write(self, entries: Sequence[Entry], written: Entry, key: bytes) -> None:
        # The head before the entry: on a full disk that is not to be acknowledged and yet be there.
        draft = self.head.with_suffix(".head.tmp")
        draft.write_text(signed_head(written, key), encoding="ascii")
        with self.path.open("a+b") as file:
            file.truncate(sum(len(entry.line().encode()) + 1 for entry in entries))
            file.write(written.line().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.head)

    def locked(self) -> FileLock:
        """Within, no process appends."""
        return FileLock(f"{self.path}.lock")

    def champions(self) -> dict[str, Record[Crowning]]:
        """The entry that made each model's champion."""
        return current_champions(self.entries())

    def champion(self, model: str) -> Record[Crowning] | None:
        """The entry that made this model's champion, if it has one."""
        return self.champions().get(model)

    def judged(self, model: str, version: int) -> Record[Ruling] | None:
        """The last decision about this version, if it was judged."""
        found = [entry for entry in decided(self.entries()) if (entry.model, entry.version) == (model, version)]
        return found[-1] if found else None
