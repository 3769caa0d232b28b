"""Environments of commands: the home, the address and secret of Prefect, and databases without their migrations."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pipelines.web.credentials import basic_auth_header
from pipelines.workspace.settings import Settings
from tests.conftest import OUTSIDE

PREFECT_DATABASE = "prefect/prefect.db"


@contextmanager
def inhabited(home: Path) -> Iterator[Settings]:
    """Run this block in that home; afterwards the environment is restored."""
    before = dict(os.environ)
    for name in OUTSIDE:
        os.environ.pop(name, None)
    try:
        yield Settings(home=home, _env_file=None).activate()
    finally:
        os.environ.clear()
        os.environ.update(before)


def environment(settings: Settings, prefect_url: str | None = None) -> dict[str, str]:
    """The environment of a command: this test's home and, if given, the shared Prefect server with its secret."""
    found = {**os.environ, **settings.environment(), "COLUMNS": "200"}
    if prefect_url:
        return found | {"PREFECT_API_URL": prefect_url}
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING"):
        found.pop(name, None)
    return found


def prefect_header() -> dict[str, str]:
    """The authorization header for the shared Prefect server."""
    return basic_auth_header(os.environ["PREFECT_API_AUTH_STRING"])


def migrate_prefect(settings: Settings, new_prefect: Path) -> None:
    """Give a home a migrated Prefect database, so that its first server needs no migrations."""
    database = settings.home / PREFECT_DATABASE
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy_database(new_prefect, database)


def copy_database(database: Path, copy: Path) -> None:
    """Copy an SQLite database that may be in use."""
    with closing(sqlite3.connect(database)) as opened, closing(sqlite3.connect(copy)) as new:
        opened.backup(new)
    copy.chmod(0o600)
