"""Who may read a home: its owner alone, whatever the user's umask says and whenever it was made."""

import os
from contextlib import suppress
from pathlib import Path

MASK = 0o077
# All that we make in a home. What else lies there is not ours to change.
OURS = (
    "*.db",
    "*.db-*",
    "*.auth",
    "*.key",
    "keys.made",
    "home.mark",
    "*.json",
    "*.lock",
    "artifacts",
    "cache",
    "cards",
    "catalog.toml",
    "docs",
    "evidence",
    "gx",
    "ledger.*",
    "logs",
    "prefect",
    "quarantine",
    "scorecards",
    "snapshots",
    "trials",
    "tuning",
    "validation",
    "work",
)


def make_private(home: Path) -> None:
    """Make the home where there is none, and see to it that this process and its children write for this user alone.

    A home that others can enter was made before this was so: its files are closed too, and the home itself last.
    """
    os.umask(MASK)
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_mode & MASK and home.stat().st_uid == os.getuid():
        for name in OURS:
            for path in home.glob(name):
                close(path)
        _take(home)


def close(path: Path) -> None:
    """Let only the owner read a file, or a folder and all in it, as where copies kept the modes of elsewhere."""
    if path.is_dir() and not path.is_symlink():
        for folder, _folders, files in os.walk(path):
            for file in files:
                _take(Path(folder, file))
            _take(Path(folder))
    else:
        _take(path)


def _take(path: Path) -> None:
    # A link leads out of the home; a file that a running command has removed meanwhile needs no mode.
    with suppress(FileNotFoundError, PermissionError):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o7777 & ~MASK)
