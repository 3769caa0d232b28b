"""A home made of a backup: unpacked beside the present state, compared with it, and only then put in its place."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipelines.home.archive import Watch, unpack
from pipelines.home.databases import BrokenDatabase
from pipelines.home.location import settle
from pipelines.home.losses import losses
from pipelines.home.swapping import restoring, swap
from pipelines.ledger.ledger import Ledger
from pipelines.runtime.wording import several
from pipelines.store import keymark


class Newer(ValueError):
    """A home that knows more than the backup does."""


class InUse(RuntimeError):
    """A home that processes work with."""


@dataclass(frozen=True)
class Restored:
    """Where, from a backup made when and of which home, and how far that was."""

    home: str
    made: str
    root: str
    entries: int
    feedback: int
    files: int


def restore(file: Path, home: Path, accept_older: bool, watch: Watch) -> Restored:
    """Make the home what it was when it was backed up, whole or not at all.

    Raises BrokenBackup, BrokenLedger, InUse, and Newer unless an older state is accepted.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with restoring(home) as new:
        if users := sorted(_users(home)):
            raise InUse(f"{home} is in use by process {', '.join(map(str, users))}: stop it, then restore")
        contents = unpack(file, new, watch)
        entries = Ledger(new / "ledger.jsonl").entries()
        if not accept_older and (lost := list(_lost(home, new))):
            raise Newer(f"{home} has {', '.join(lost)}: to lose that, add --accept-older; nothing was changed")
        if keymark.marked(home):
            keymark.mark(new)  # what closed the service closes it for good, whatever was accepted
        swap(home)
    settle(home)
    return Restored(str(home), contents.made, contents.root, len(entries), contents.feedback, len(contents.files))


def _lost(home: Path, new: Path) -> Iterator[str]:
    """What the home has and the backup has not, in words."""
    known = set(_lines(new))
    if lost := [line for line in _lines(home) if line not in known]:
        yield f"{several(len(lost), 'ledger entry', 'ledger entries')} that the backup lacks"
    try:
        yield from losses(home / "needloop.db", new / "needloop.db")
    except BrokenDatabase:
        yield "a needloop.db that cannot be read"


def _lines(home: Path) -> list[bytes]:
    ledger = home / "ledger.jsonl"
    return ledger.read_bytes().split(b"\n")[:-1] if ledger.exists() else []


def _users(home: Path) -> Iterator[int]:
    """Processes of this machine, but this one, that have a file of the home open."""
    real = os.path.realpath(home)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and any(file.path.startswith(f"{real}/") for file in process.open_files()):
                yield process.pid
