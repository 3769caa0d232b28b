"""The state of a home: the files that a backup contains and a restore replaces."""

import os
from collections.abc import Iterator
from pathlib import Path

# Files that are made anew if missing. The secrets of Prefect, MLflow and the sign-in link open running servers: a
# restored home makes new ones, and a stolen backup opens no server. The mark distinguishes this folder from its copies.
EXCLUDED = ("cache", "logs", "trials", "work", "prefect.auth", "mlflow.auth", "signin.key", "home.mark")
FORMERLY_INCLUDED = ("signin.key",)  # of EXCLUDED, but in older backups
SKIPPED = ("-wal", "-shm", "-journal", ".lock")  # a copy of a database is complete without its journals


def replaceable(name: str) -> bool:
    """True if a file or folder of this name, directly below the home, belongs to its state."""
    return name not in EXCLUDED and not name.startswith(".") and not name.endswith(".lock")


def state_files(home: Path) -> dict[str, Path]:
    """All files of the state by path relative to the home; links are followed."""
    files = {file.relative_to(home).as_posix(): file for file in _files(home) if not file.name.endswith(SKIPPED)}
    return {name: file for name, file in sorted(files.items()) if replaceable(name.partition("/")[0])}


def _files(home: Path) -> Iterator[Path]:
    """All files except unfinished ones; a folder with several links to it is entered once."""
    seen = set[str]()
    for folder, folders, names in os.walk(home, followlinks=True):
        paths = {name: os.path.realpath(Path(folder, name)) for name in folders}
        folders[:] = [name for name, path in paths.items() if path not in seen and not name.startswith(".partial-")]
        seen |= {paths[name] for name in folders}
        yield from (file for name in names if (file := Path(folder, name)).is_file())
