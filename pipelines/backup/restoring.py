"""Restore of a home from a backup: unpacked beside the current state, compared with it, then swapped in."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipelines.backup.archive import ProgressCallback
from pipelines.backup.losses import database_losses
from pipelines.backup.unpacking import unpack
from pipelines.home.databases import BrokenDatabase
from pipelines.home.location import update_location
from pipelines.home.swapping import restore_folder, swap
from pipelines.ledger.ledger import Ledger
from pipelines.runtime.wording import counted_noun
from pipelines.store import keyring


class HomeIsNewer(ValueError):
    """The home has data that the backup lacks."""


class HomeInUse(RuntimeError):
    """The home is in use by processes."""


@dataclass(frozen=True)
class RestoreResult:
    """A restored home: its path, the backup's time (`made`) and home (`root`), and the numbers of its contents."""

    home: str
    made: str
    root: str
    entries: int
    feedback: int
    files: int


def restore_backup(file: Path, home: Path, accept_older: bool, progress: ProgressCallback) -> RestoreResult:
    """Restore the home from a backup, completely or not at all.

    Raises BrokenBackup, BrokenLedger, HomeInUse, and HomeIsNewer unless an older state is accepted.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with restore_folder(home) as new:
        if users := sorted(_users(home)):
            raise HomeInUse(f"{home} is in use by process {', '.join(map(str, users))}: stop it, then restore")
        contents = unpack(file, new, progress)
        entries = Ledger(new / "ledger.jsonl").entries()
        if not accept_older and (losses := list(_losses(home, new))):
            raise HomeIsNewer(f"{home} has {', '.join(losses)}: to lose that, add --accept-older; nothing was changed")
        if keyring.is_marked(home):
            keyring.mark(new)  # anonymous access stays closed, also with --accept-older
        swap(home)
    update_location(home)
    return RestoreResult(str(home), contents.made, contents.root, len(entries), contents.feedback, len(contents.files))


def _losses(home: Path, new: Path) -> Iterator[str]:
    """The data of the home that the backup lacks, in words."""
    in_backup = set(_ledger_lines(new))
    if missing := [line for line in _ledger_lines(home) if line not in in_backup]:
        yield f"{counted_noun(len(missing), 'ledger entry', 'ledger entries')} that the backup lacks"
    try:
        yield from database_losses(home / "needloop.db", new / "needloop.db")
    except BrokenDatabase:
        yield "a needloop.db that cannot be read"


def _ledger_lines(home: Path) -> list[bytes]:
    ledger = home / "ledger.jsonl"
    return ledger.read_bytes().split(b"\n")[:-1] if ledger.exists() else []


def _users(home: Path) -> Iterator[int]:
    """The other processes of this machine that have a file of the home open."""
    real = os.path.realpath(home)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and any(file.path.startswith(f"{real}/") for file in process.open_files()):
                yield process.pid
