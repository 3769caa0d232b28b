"""The record of promotions: append-only, hash-chained, signed, one JSON line per entry; what the server trusts."""

import getpass
import hashlib
import hmac
import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from pipelines.masking.identity import secret_key

GENESIS = "0" * 64
Event = Literal[
    "promote", "refuse", "hold", "rollback", "prune", "pause", "resume", "shadow", "canary", "withdraw", "abort"
]
CROWNING = ("promote", "rollback")
DECIDING = (*CROWNING, "refuse", "hold")  # held: the gate let it pass, and a person has the last word
# Fields that entries did not always have: one without them has the line that it always had.
LATER = ("answer", "share", "hours")


class BrokenLedger(ValueError):
    """An entry that does not follow from the one before it, or that this home did not sign."""


@dataclass(frozen=True)
class Entry:
    """One decision about one version, that it was pruned or tried, or that its model was paused or resumed.

    `location` and `digest` address the packaged artefact that was judged. `data` and `gate` are digests of what it
    learnt from and was held against, `evidence` those of the files that the decision was taken on; `feedback` is the
    last row it knew. `override` is the reason of a person who decided otherwise, `by` who wrote the entry. `answer`
    is the label that a paused model gives to every text. A canary gets a `share` of the customers, and is looked at for
    so many `hours`. `signature` is an HMAC-SHA256 over all the rest.
    """

    event: Event
    model: str
    version: int
    location: str
    digest: str
    data: str
    gate: str
    reasons: tuple[str, ...]
    champion: int | None
    feedback: int = 0
    evidence: Mapping[str, str] = field(default_factory=dict)
    override: str = ""
    by: str = ""
    time: str = ""
    previous: str = GENESIS
    signature: str = ""
    answer: str = ""
    share: float = 0.0
    hours: float = 0.0

    @property
    def crowns(self) -> bool:
        """Whether it makes its version the champion."""
        return self.event in CROWNING

    def line(self) -> str:
        """The canonical JSON line, without its end; LATER fields are named only where they say something."""
        said = {name: value for name, value in asdict(self).items() if name not in LATER or value}
        return json.dumps(said, sort_keys=True, ensure_ascii=False)

    def hash(self) -> str:
        """SHA-256 of the canonical line, which holds the hash of the entry before."""
        return hashlib.sha256(self.line().encode()).hexdigest()

    def signed(self, key: bytes) -> "Entry":
        """The entry with its signature."""
        said = replace(self, signature="").line().encode()
        return replace(self, signature=hmac.new(key, b"ledger" + said, hashlib.sha256).hexdigest())


class Ledger:
    """`<home>/ledger.jsonl`, signed with the home's key; `ledger.head` beside it signs how far it went.

    A last line torn by a crash was never acknowledged: readers skip it, writers drop it. The head may be one entry
    behind, after a crash between the two; entries that it names and that are gone are missed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = path.with_suffix(".head")

    def entries(self) -> list[Entry]:
        """All entries in order; raises BrokenLedger at the first that does not fit the chain, and for lost ones."""
        head = self.head.read_bytes() if self.head.exists() else b""  # before the entries, which only grow
        data = self.path.read_bytes() if self.path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if not whole and not head:
            return []
        key = secret_key(self.path.parent)
        entries = list(self._verified(whole, key))
        self._require_whole(entries, head, key)
        return entries

    def _require_whole(self, entries: list[Entry], head: bytes, key: bytes) -> None:
        if not head and len(entries) > 1:
            raise BrokenLedger(f"{self.head} is gone: restore it, without it nobody can tell whether entries are lost")
        known, _, signature = head.decode("ascii", "replace").partition(" ")
        if head and not hmac.compare_digest(signature.encode(), _signature(known, key).encode()):
            raise BrokenLedger(f"{self.head} was altered: it is not signed with this home's key")
        if head and known not in {entry.hash() for entry in entries}:
            raise BrokenLedger(f"{self.path} lost entries that were there, {known[:12]} at least: restore it")

    def _verified(self, data: bytes, key: bytes) -> Iterator[Entry]:
        previous = GENESIS
        for number, line in enumerate(data.split(b"\n")[:-1], start=1):
            try:
                fields = json.loads(line)
                entry = Entry(**{**fields, "reasons": tuple(fields["reasons"])})
            except (ValueError, TypeError, KeyError) as error:
                raise BrokenLedger(f"{self.path}:{number} is no ledger entry: {error}") from error
            if entry.previous != previous or entry.line().encode() != line:
                raise BrokenLedger(f"{self.path}:{number} was altered: it does not follow from entry {number - 1}")
            if not hmac.compare_digest(entry.signed(key).signature.encode(), entry.signature.encode()):
                raise BrokenLedger(f"{self.path}:{number} was altered: it is not signed with this home's key")
            previous = entry.hash()
            yield entry

    def append(self, entry: Entry, require: Callable[[list[Entry]], object] | None = None) -> Entry:
        """Add one entry durably (fsync) under a lock shared by all processes; returns it as written.

        `require` sees the entries under that lock, and raises where they are no longer what was decided on.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.path}.lock"):
            entries, key = self.entries(), secret_key(self.path.parent)
            if require:
                require(entries)
            written = replace(
                entry,
                previous=entries[-1].hash() if entries else GENESIS,
                time=datetime.now(UTC).isoformat(timespec="milliseconds"),
                by=entry.by or _whoever(),
            ).signed(key)
            with self.path.open("a+b") as file:
                file.truncate(sum(len(kept.line().encode()) + 1 for kept in entries))
                file.write(written.line().encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            draft = self.head.with_suffix(".head.tmp")
            draft.write_text(f"{written.hash()} {_signature(written.hash(), key)}", encoding="ascii")
            draft.replace(self.head)
        return written

    def champions(self) -> dict[str, Entry]:
        """The entry that made each model's champion."""
        return crowned(self.entries())

    def champion(self, model: str) -> Entry | None:
        """The entry that made this model's champion, if it has one."""
        return self.champions().get(model)

    def judged(self, model: str, version: int) -> Entry | None:
        """The last decision about this version, if it was judged."""
        found = [entry for entry in decided(self.entries()) if (entry.model, entry.version) == (model, version)]
        return found[-1] if found else None


def crowned(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The last entry of each model that made a champion."""
    return {entry.model: entry for entry in entries if entry.crowns}


def decided(entries: Iterable[Entry]) -> list[Entry]:
    """The decisions, without what was pruned, paused, resumed or tried afterwards."""
    return [entry for entry in entries if entry.event in DECIDING]


def pruned(entries: Iterable[Entry], model: str) -> dict[int, Entry]:
    """The entry that pruned it, by version of a model; what was promoted again since then is not among them."""
    told = (*DECIDING, "prune")
    last = {entry.version: entry for entry in entries if entry.model == model and entry.event in told}
    return {version: entry for version, entry in last.items() if entry.event == "prune"}


def _signature(head: str, key: bytes) -> str:
    return hmac.new(key, b"head" + head.encode(), hashlib.sha256).hexdigest()


def asked(by: str) -> str:
    """Who asked for an entry, and through whom: for its `by`."""
    return f"{by}, through {_whoever()}" if by else ""


def _whoever() -> str:
    """The user of this process and its machine."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a container whose user has no name
        return f"{os.getuid()}@{socket.gethostname()}"
