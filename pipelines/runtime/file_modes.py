"""File modes of a home: only its owner may read it, also an older home and with any umask of the user."""

import os
from contextlib import suppress
from pathlib import Path

MASK = 0o077
# All files and folders that Needloop makes in a home; others are not changed.
HOME_NAMES = (
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
    """Make the home if missing, and set the umask so that this process and its children write for this user alone.

    A home that others can enter is older than this rule: its files are restricted too, and the home itself last.
    """
    os.umask(MASK)
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_mode & MASK and home.stat().st_uid == os.getuid():
        for name in HOME_NAMES:
            for path in home.glob(name):
                restrict(path)
        _remove_access(home)


def restrict(path: Path) -> None:
    """Let only the owner read a file, or a folder with its contents, for example copies with other modes."""
    if path.is_dir() and not path.is_symlink():
        for folder, _folders, files in os.walk(path):
            for file in files:
                _remove_access(Path(folder, file))
            _remove_access(Path(folder))
    else:
        _remove_access(path)


def _remove_access(path: Path) -> None:
    # A link may lead out of the home; a running command may have deleted the file.
    with suppress(FileNotFoundError, PermissionError):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o7777 & ~MASK)
