"""A database newer than its ledger is reported, and no command continues with a ledger older than MLflow."""

import json
import logging

import pytest
from typer.testing import CliRunner

from flows.auditing import differences
from flows.commands.app import app
from pipelines.ledger.chain import BrokenLedger
from pipelines.store.database import open_database
from pipelines.store.store import Store
from tests.flows.versions import record_decision, registered

pytestmark = pytest.mark.timeout(300)
NEW = "the database is new, but the ledger had 2 entries before it: older predictions, feedback and keys"


@pytest.fixture
def two(decided):
    """A home with a champion and a refused version."""
    settings = decided("promote", "refuse")
    assert differences(settings.workspace, None) == []
    return settings


def lose(settings):
    for file in settings.home.glob("needloop.db*"):
        file.unlink()


def test_a_database_that_was_deleted_is_told_of_until_somebody_accepts_it(two, caplog, monkeypatch):
    lose(two)
    with caplog.at_level(logging.WARNING):
        two.workspace.ledger.current()
    assert NEW in caplog.text
    Store(two.database).record_test_set_use("d" * 64, "topics", "version 3")
    for _ in range(2):
        (told,) = differences(two.workspace, None)
        assert NEW in told
        assert "restore a backup, or go on without them: needloop audit --accept-loss" in told
    monkeypatch.setenv("NEEDLOOP_URL", "http://127.0.0.1:9")
    done = CliRunner().invoke(app, ["audit", "--accept-loss", "--json"], catch_exceptions=False)
    assert (json.loads(done.stdout)["differences"], done.exit_code) == ([], 0)
    assert differences(two.workspace, None) == []


def test_a_database_of_before_that_never_heard_of_the_ledger_is_not_new(two):
    lose(two)
    with open_database(two.database).begin() as connection:
        connection.exec_driver_sql("INSERT INTO uses VALUES (1, '2020-01-01 00:00:00', 'd', 'topics', 'version 1')")
    assert differences(two.workspace, None) == []


def test_nothing_is_added_to_an_older_ledger_though_the_database_was_lost_with_it(two, declared):
    files = {file: file.read_bytes() for file in two.home.glob("ledger.[jh]*") if file.suffix != ".lock"}
    record_decision(registered(declared, two, 3), "refuse", two)
    lose(two)
    for file, content in files.items():
        file.write_bytes(content)
    refused = CliRunner().invoke(app, ["pause", "topics", "--reason", "harm"])
    assert isinstance(refused.exception, BrokenLedger)
    assert "about topics, which MLflow has recorded, so no entry is appended: restore the newer" in str(
        refused.exception
    )
    assert files == {file: file.read_bytes() for file in files}


def test_a_model_is_paused_though_mlflows_database_cannot_be_asked(two):
    (two.home / "mlflow.db").write_bytes(b"no database any more " * 100)
    assert CliRunner().invoke(app, ["pause", "topics", "--reason", "harm"], catch_exceptions=False).exit_code == 0
    assert two.workspace.ledger.current()[-1].event.tag == "pause"
