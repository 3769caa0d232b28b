"""Atomic replacement of a home's state; an interrupted one is completed or undone by the next command."""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.home.contents import replaceable

log = logging.getLogger(__name__)

FOLDER = ".restore"  # below the home, so that it also works where the home is a volume of its own
READY = "ready.json"


class RestoreInProgress(RuntimeError):
    """Another process is restoring this home."""


class ImmovableVolume(OSError):
    """A part of the state is a mount and cannot be moved."""


@contextmanager
def restore_folder(home: Path) -> Iterator[Path]:
    """A folder within the home for the new state, deleted at the end. Raises RestoreInProgress."""
    try:
        with FileLock(home / f"{FOLDER}.lock", timeout=0):
            _complete_or_undo(home)
            (home / FOLDER).mkdir(mode=0o700)
            (home / FOLDER / "new").mkdir(mode=0o700)
            try:
                yield home / FOLDER / "new"
            finally:
                _complete_or_undo(home)
    except Timeout:
        raise RestoreInProgress(f"another process is restoring {home}: wait until it is done") from None


def swap(home: Path) -> None:
    """Replace the home's state by the contents of the new folder. Raises ImmovableVolume."""
    names = {
        "old": sorted(path.name for path in home.iterdir() if replaceable(path.name)),
        "new": sorted(path.name for path in (home / FOLDER / "new").iterdir()),
    }
    if mounts := [name for name in names["old"] if (home / name).is_mount()]:
        raise ImmovableVolume(
            f"{', '.join(mounts)} in {home} are separate volumes: restore into a new home, then copy its files"
        )
    os.sync()  # the files that are renamed below are on the disk
    # With the file `ready.json` the swap is decided.
    draft = home / FOLDER / f"{READY}.draft"
    draft.write_text(json.dumps(names), encoding="utf-8")
    draft.rename(home / FOLDER / READY)
    _roll_forward(home)


def repair(home: Path) -> None:
    """Complete or undo a killed restore. Raises RestoreInProgress while one runs."""
    if (home / FOLDER).exists():
        with restore_folder(home):
            log.warning("an interrupted restore of %s was completed or undone: check it with needloop audit", home)


def _complete_or_undo(home: Path) -> None:
    if (home / FOLDER / READY).exists():
        _roll_forward(home)
    shutil.rmtree(home / FOLDER, ignore_errors=True)


def _roll_forward(home: Path) -> None:
    """Move every name once; a name missing in the new folder was moved already."""
    folder = home / FOLDER
    names = json.loads((folder / READY).read_bytes())
    (folder / "old").mkdir(exist_ok=True)
    for name in names["old"]:
        is_pending = name not in names["new"] or os.path.lexists(folder / "new" / name)
        if is_pending and os.path.lexists(home / name):
            (home / name).rename(folder / "old" / name)
    for name in names["new"]:
        if os.path.lexists(folder / "new" / name):
            (folder / "new" / name).rename(home / name)
