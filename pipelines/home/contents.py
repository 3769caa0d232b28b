"""Which files of a home are its state: what a backup holds, and what a restore replaces."""

import os
from collections.abc import Iterator
from pathlib import Path

# What is made anew where it is missing. The secrets of Prefect, MLflow and the sign-in link open running servers: a
# restored home makes its own, and a stolen backup opens none. The mark tells this folder from every copy of it.
APART = ("cache", "logs", "trials", "work", "prefect.auth", "mlflow.auth", "signin.key", "home.mark")
FORMERLY = ("signin.key",)  # of APART, what backups held before
SKIPPED = ("-wal", "-shm", "-journal", ".lock")  # a copy of a database is whole without its journals


def replaceable(name: str) -> bool:
    """Whether a name directly below the home is state, or goes with it."""
    return name not in APART and not name.startswith(".") and not name.endswith(".lock")


def state(home: Path) -> dict[str, Path]:
    """Every file to be kept, by its path relative to the home; links are followed."""
    files = {file.relative_to(home).as_posix(): file for file in _files(home) if not file.name.endswith(SKIPPED)}
    return {name: file for name, file in sorted(files.items()) if replaceable(name.partition("/")[0])}


def _files(home: Path) -> Iterator[Path]:
    """All files but unfinished ones; a folder that links lead to twice is entered once."""
    seen = set[str]()
    for folder, folders, names in os.walk(home, followlinks=True):
        inner = {name: os.path.realpath(Path(folder, name)) for name in folders}
        folders[:] = [name for name, real in inner.items() if real not in seen and not name.startswith(".partial-")]
        seen |= {inner[name] for name in folders}
        yield from (file for name in names if (file := Path(folder, name)).is_file())
