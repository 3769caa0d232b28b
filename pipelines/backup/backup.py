"""Backup of a home in one file, consistent while processes run: files are written before their names, never changed."""

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from pipelines.backup.archive import Contents, ProgressCallback, add_contents, add_file, new_archive
from pipelines.home.contents import state_files
from pipelines.home.databases import copy_file, last_feedback, stable_file
from pipelines.promotion.audit import registry_differences
from pipelines.store.lease import BACKUP
from pipelines.workspace.workspace import Workspace

TRIES = 10  # one per second: MLflow follows a decision within that time
CONSISTENT_FILES = ("mlflow.db", "needloop.db", "ledger.jsonl", "ledger.head")


@dataclass(frozen=True)
class BackupResult:
    """A written backup: its size in bytes and files, the state of the home, and the parts outside the home."""

    file: str
    bytes: int
    files: int
    entries: int
    feedback: int
    left_out: tuple[str, ...]


def back_up(file: Path, workspace: Workspace, started: ProgressCallback, progress: ProgressCallback) -> BackupResult:
    """Write a backup to a new file; `started` gets its total bytes. Raises FileExistsError, BrokenLedger, LeaseHeld."""
    if file.resolve().is_relative_to(workspace.home.resolve()):
        raise FileExistsError(f"{file} lies in the home: name a new file outside it")
    if os.path.lexists(file):
        raise FileExistsError(f"{file} exists: name a new file")
    copies = workspace.files.cache / "backup"
    with workspace.lease(BACKUP):
        shutil.rmtree(copies, ignore_errors=True)  # left by a killed backup
        copies.mkdir(mode=0o700, parents=True)
        try:
            entries = _copy_consistently(workspace, copies)
            files = {name: stable_file(workspace.home, name, copies) for name in state_files(workspace.home)}
            started(sum(path.stat().st_size for path in files.values() if path.exists()))
            feedback = last_feedback(copies / "needloop.db")
            with new_archive(file) as archive:
                added = {name: add_file(archive, name, path, progress) for name, path in files.items()}
                digests = {name: digest for name, digest in added.items() if digest}
                time_made = datetime.now(UTC).isoformat(timespec="seconds")
                add_contents(archive, Contents(time_made, str(workspace.home), entries, feedback, digests))
        finally:
            shutil.rmtree(copies, ignore_errors=True)
    return BackupResult(str(file), file.stat().st_size, len(digests), entries, feedback, outside_parts(workspace))


def _copy_consistently(workspace: Workspace, copies: Path) -> int:
    """Copy ledger and databases between two decisions; returns the number of the ledger's entries."""
    ledger, registry = workspace.ledger, workspace.registry
    for left in reversed(range(TRIES)):
        with ledger.lock():
            entries = ledger.current()
            if not left or not registry_differences(entries, registry):
                for name in CONSISTENT_FILES:
                    if (workspace.home / name).exists():
                        copy_file(workspace.home / name, copies / name)
                return len(entries)
        time.sleep(1)
    raise AssertionError("the last try copies")


def outside_parts(workspace: Workspace) -> tuple[str, ...]:
    """The parts that the settings name outside the home; they need a backup of their own."""
    inside: Mapping[str, bool] = {
        f"the store {workspace.files.storage}": Path(workspace.files.storage).is_relative_to(workspace.home),
        f"the database {make_url(workspace.database)!r}": workspace.database.startswith(f"sqlite:///{workspace.home}/"),
        "MLflow at MLFLOW_TRACKING_URI": workspace.tracking_uri.startswith(f"sqlite:///{workspace.home}/"),
        f"the catalog {workspace.catalog_file}": workspace.catalog_file.is_relative_to(workspace.home),
    }
    return tuple(name for name, own in inside.items() if not own)
