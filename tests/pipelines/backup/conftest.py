"""Homes with a ledger, feedback and a package, and backups of them, made without MLflow."""

import sqlite3
from contextlib import closing

import pytest

from pipelines.backup.archive import Contents, add_contents, add_file, new_archive
from pipelines.home.contents import state_files
from pipelines.home.databases import stable_file
from pipelines.home.location import update_location
from pipelines.ledger.ledger import Ledger
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.flows.homes import digests
from tests.pipelines.ledger.made import event


def grow(home, entries=1, feedback=0):
    """Add entries and feedback to a home."""
    home.mkdir(exist_ok=True)
    update_location(home)
    for _ in range(entries):
        ledger = Ledger(home / "ledger.jsonl")
        version = len(ledger.entries()) + 1
        package = home / "artifacts" / str(version) / "package"
        package.mkdir(parents=True)
        (package / "model.onnx").write_bytes(bytes([version]) * 1000)
        ledger.append(event("promote", "topics", version, location=str(package), reasons=("floor reached",)))
    store = Store(f"sqlite:///{home / 'needloop.db'}")
    for number in range(feedback):
        answer = Prediction("topics", 1, f"{number:064}", f"text {number}", "delay", 0.5, {})
        store.record([answer])
        store.add(Feedback(answer.id, label="baggage"))


def save(home, file):
    """A backup of a home that is not in use."""
    copies = file.with_suffix(".copies")
    with new_archive(file) as archive:
        files = {name: add_file(archive, name, stable_file(home, name, copies), int) for name in state_files(home)}
        add_contents(archive, Contents("2026-01-01T00:00:00+00:00", str(home), 0, 0, files))
    return file


def content_of(home):
    """Digests of a home's files; of the database, its SQL dump."""
    files = {name: digests(home)[name] for name in state_files(home)}
    with closing(sqlite3.connect(home / "needloop.db")) as connection:
        return files | {"needloop.db": "\n".join(connection.iterdump())}


@pytest.fixture
def home(tmp_path):
    """A home of two entries and one row of feedback."""
    grow(tmp_path / "home", entries=2, feedback=1)
    return tmp_path / "home"


@pytest.fixture
def saved(home, tmp_path):
    """A backup of the home."""
    return save(home, tmp_path / "saved.tar.gz")
