"""One file that holds a home, consistent while all runs: a file is there before it is named, and never changed."""

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from pipelines.home.archive import Contents, Watch, add, close, created
from pipelines.home.contents import state
from pipelines.home.databases import copied, frozen, last_feedback
from pipelines.home.workspace import Workspace
from pipelines.promotion.audit import unaligned
from pipelines.store.lease import BACKUP

TRIES = 10  # a second each: MLflow follows a decision within that time
TOGETHER = ("mlflow.db", "needloop.db", "ledger.jsonl", "ledger.head")


@dataclass(frozen=True)
class Backup:
    """What was written, in bytes and files, how far the home was, and what lies elsewhere and is not in it."""

    file: str
    bytes: int
    files: int
    entries: int
    feedback: int
    left_out: tuple[str, ...]


def back_up(file: Path, workspace: Workspace, started: Watch, watch: Watch) -> Backup:
    """Write a new file; `started` gets the bytes to come. Raises FileExistsError, BrokenLedger, LeaseHeld."""
    if file.resolve().is_relative_to(workspace.home.resolve()):
        raise FileExistsError(f"{file} lies in the home: name a new file elsewhere")
    if os.path.lexists(file):
        raise FileExistsError(f"{file} exists: name a new file")
    copies = workspace.files.cache / "backup"
    with workspace.lease(BACKUP):
        shutil.rmtree(copies, ignore_errors=True)  # what a killed one left
        copies.mkdir(mode=0o700, parents=True)
        try:
            entries = _copied_together(workspace, copies)
            files = {name: frozen(workspace.home, name, copies) for name in state(workspace.home)}
            started(sum(path.stat().st_size for path in files.values() if path.exists()))
            feedback = last_feedback(copies / "needloop.db")
            with created(file) as archive:
                found = {name: add(archive, name, path, watch) for name, path in files.items()}
                kept = {name: digest for name, digest in found.items() if digest}
                now = datetime.now(UTC).isoformat(timespec="seconds")
                close(archive, Contents(now, str(workspace.home), entries, feedback, kept))
        finally:
            shutil.rmtree(copies, ignore_errors=True)
    return Backup(str(file), file.stat().st_size, len(kept), entries, feedback, elsewhere(workspace))


def _copied_together(workspace: Workspace, copies: Path) -> int:
    """Copy what must fit each other, at a moment between two decisions; the number of the ledger's entries."""
    ledger, registry = workspace.ledger, workspace.registry
    for left in reversed(range(TRIES)):
        with ledger.locked():
            entries = ledger.current()
            if not left or not unaligned(entries, registry):
                for name in TOGETHER:
                    if (workspace.home / name).exists():
                        copied(workspace.home / name, copies / name)
                return len(entries)
        time.sleep(1)
    raise AssertionError("the last try copies")


def elsewhere(workspace: Workspace) -> tuple[str, ...]:
    """What the settings name outside the home: it is backed up by its own means."""
    inside: Mapping[str, bool] = {
        f"the store {workspace.files.storage}": Path(workspace.files.storage).is_relative_to(workspace.home),
        f"the database {make_url(workspace.database)!r}": workspace.database.startswith(f"sqlite:///{workspace.home}/"),
        "MLflow at MLFLOW_TRACKING_URI": workspace.tracking_uri.startswith(f"sqlite:///{workspace.home}/"),
        f"the catalog {workspace.catalog_file}": workspace.catalog_file.is_relative_to(workspace.home),
    }
    return tuple(name for name, own in inside.items() if not own)
