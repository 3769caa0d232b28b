"""The state of a home replaced by another at once: whoever is killed on the way, the next one ends or undoes it."""

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


class Restoring(RuntimeError):
    """Another process restores this home."""


class CannotMove(OSError):
    """A part of the state that cannot be put aside."""


@contextmanager
def restoring(home: Path) -> Iterator[Path]:
    """The folder to lay the new state in, made within the home; emptied in the end. Raises Restoring."""
    try:
        with FileLock(home / f"{FOLDER}.lock", timeout=0):
            _end(home)
            (home / FOLDER).mkdir(mode=0o700)
            (home / FOLDER / "new").mkdir(mode=0o700)
            try:
                yield home / FOLDER / "new"
            finally:
                _end(home)
    except Timeout:
        raise Restoring(f"{home} is being restored by another process: wait until it is done") from None


def swap(home: Path) -> None:
    """Put what lies in the new folder in the place of the state that the home has. Raises CannotMove."""
    names = {
        "old": sorted(path.name for path in home.iterdir() if replaceable(path.name)),
        "new": sorted(path.name for path in (home / FOLDER / "new").iterdir()),
    }
    if mounts := [name for name in names["old"] if (home / name).is_mount()]:
        raise CannotMove(f"{', '.join(mounts)} in {home} are volumes of their own: restore into a new home, then copy")
    os.sync()  # what is renamed below is on the disk
    # From here on it happens.
    draft = home / FOLDER / f"{READY}.draft"
    draft.write_text(json.dumps(names), encoding="utf-8")
    draft.rename(home / FOLDER / READY)
    _roll_forward(home)


def repair(home: Path) -> None:
    """End what a killed restore had begun to swap, undo what it had not. Raises Restoring while one runs."""
    if (home / FOLDER).exists():
        with restoring(home):
            log.warning("an interrupted restore of %s was ended or undone: needloop audit says how it is", home)


def _end(home: Path) -> None:
    if (home / FOLDER / READY).exists():
        _roll_forward(home)
    shutil.rmtree(home / FOLDER, ignore_errors=True)


def _roll_forward(home: Path) -> None:
    """Every name is moved once: what is no longer in the new folder has its place already."""
    folder = home / FOLDER
    names = json.loads((folder / READY).read_bytes())
    (folder / "old").mkdir(exist_ok=True)
    for name in names["old"]:
        waiting = name not in names["new"] or os.path.lexists(folder / "new" / name)
        if waiting and os.path.lexists(home / name):
            (home / name).rename(folder / "old" / name)
    for name in names["new"]:
        if os.path.lexists(folder / "new" / name):
            (folder / "new" / name).rename(home / name)
