"""An answer that cannot be stored is not acknowledged: 503 with Retry-After, a reason in /readyz, and recovery."""

import os
import shutil
import sqlite3
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from pipelines.ledger.chain import BrokenLedger
from pipelines.promotion.pausing import pause
from pipelines.serving.application import app
from pipelines.serving.engine import store_health
from pipelines.store import database
from pipelines.store.store import Store
from pipelines.workspace.settings import Settings
from tests.pipelines.serving.conftest import ended


@pytest.fixture
def home(tmp_path, promote, write_package, monkeypatch):
    home = tmp_path / "home"
    promote(home, 3, write_package(home / "packages" / "3"))
    monkeypatch.setattr(store_health, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(store_health, "EVERY_SECONDS", 0.1)
    return home


@pytest.fixture
def client(home):
    settings = Settings(home=home, _env_file=None)
    with TestClient(app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        yield client


def predict(client, *texts):
    return client.post("/v1/models/sentiment/predict", json={"texts": texts or ["bad"]})


def refused(answer):
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), answer.text
    assert "/readyz says why" in answer.text


def rows(home, table="predictions"):
    connection = sqlite3.connect(home / "needloop.db")
    try:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    finally:
        connection.close()


def test_a_full_disk_refuses_answers_and_feedback_says_why_and_is_over_when_there_is_room(
    home, client, until, monkeypatch
):
    kept = predict(client).json()["predictions"][0]["id"]
    before = rows(home)

    def fail(*_arguments):
        raise error

    @contextmanager
    def explaining_failure(engine):
        with database.explaining(engine):
            fail()
        yield

    def touch(_store):
        raise database.sqlite_fault(error, home / "needloop.db")

    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    with monkeypatch.context() as disk:
        disk.setattr("pipelines.store.feedback_rows.insert", fail)
        disk.setattr("pipelines.store.fast_recording.explaining", explaining_failure)
        disk.setattr(Store, "check_writable", touch)
        refused(predict(client, "good"))
        refused(client.post("/v1/feedback", json={"prediction": kept, "correct": True}))
        ready = client.get("/readyz")
        assert (ready.status_code, ready.headers["retry-after"], ready.json()["ready"]) == (503, "5", False)
        told = f"{home}/needloop.db cannot be used, its disk is full: free some space, then try again"
        assert ready.json()["problems"] == {"the home": told}
        assert client.get("/v2/health/ready").status_code == 503
        assert client.get("/ping").status_code == 503
        assert client.get("/healthz").status_code == 200
    until(lambda: client.get("/readyz").status_code == 200)
    assert client.get("/readyz").json()["problems"] == {}
    assert (rows(home), rows(home, "feedback")) == (before, 0)
    assert predict(client, "good").status_code == 200
    assert client.post("/v1/feedback", json={"prediction": kept, "correct": True}).status_code == 201
    assert (rows(home), rows(home, "feedback")) == (before + 1, 1)


def test_a_disk_without_room_is_found_before_anybody_asks(home, client, until, monkeypatch):
    def full(_size):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(store_health.os, "urandom", full)
        until(lambda: client.get("/readyz").status_code == 503)
        assert f"{home} cannot be used, the disk is full" in client.get("/readyz").json()["problems"]["the home"]
        refused(predict(client))
    until(lambda: client.get("/readyz").status_code == 200)
    assert predict(client).status_code == 200


def test_a_database_that_another_process_keeps_locked_is_waited_for_and_then_said(home, until, monkeypatch):
    monkeypatch.setattr("pipelines.serving.service.DATABASE_TIMEOUT_SECONDS", 0.2)
    with TestClient(app(Settings(home=home, _env_file=None)), base_url="http://127.0.0.1") as client:
        blocker = sqlite3.connect(home / "needloop.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        refused(predict(client))
        assert "another process keeps it locked" in client.get("/readyz").json()["problems"]["the home"]
        blocker.execute("ROLLBACK")
        blocker.close()
        until(lambda: predict(client).status_code == 200)


@pytest.mark.parametrize("secret", [None, "nl_0123456789ab_" + "s" * 43], ids=["without a key", "with a key"])
def test_a_database_that_is_overwritten_while_the_service_runs_is_said(home, client, until, secret):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    os.truncate(home / "needloop.db", 14)
    ready = until(lambda: (found := client.get("/readyz", headers=headers)).status_code == 503 and found)
    assert "it is not a database" in str(ready.json()["problems"]) or ready.json()["access"] == "keys"
    assert client.post("/v1/models/sentiment/predict", json={"texts": ["bad"]}, headers=headers).status_code == 503


def test_a_database_that_is_removed_or_replaced_keeps_nothing_that_is_acknowledged(home, client, until, tmp_path):
    file, away = home / "needloop.db", tmp_path / "away.db"
    file.rename(away)
    until(lambda: client.get("/readyz").status_code == 503)
    assert "was removed or replaced" in client.get("/readyz").json()["problems"]["the home"]
    refused(predict(client))
    away.rename(file)
    until(lambda: client.get("/readyz").status_code == 200)
    before = rows(home)
    assert predict(client).status_code == 200
    assert rows(home) == before + 1


def test_an_older_ledger_put_back_is_noticed_while_the_service_runs_and_when_it_starts(
    home, until, promote, write_package, tmp_path
):
    older = tmp_path / "older"
    older.mkdir()
    for name in ("ledger.jsonl", "ledger.head"):
        shutil.copy(home / name, older / name)
    settings = Settings(home=home, _env_file=None)
    ledger = settings.workspace.ledger
    promote(home, 4, write_package(home / "packages" / "4"))

    def serving():
        return TestClient(app(settings), base_url="http://127.0.0.1")

    def put(folder):
        for name in ("ledger.jsonl", "ledger.head"):
            shutil.copy(folder / name, home / name)

    with serving() as client:
        until(lambda: client.get("/readyz").json()["models"] == {"sentiment": 4})
        newer = tmp_path / "newer"
        newer.mkdir()
        for name in ("ledger.jsonl", "ledger.head"):
            shutil.copy(home / name, newer / name)
        put(older)
        until(lambda: client.get("/readyz").status_code == 503)
        assert "it has 1 entry, and the database saw 2" in client.get("/readyz").json()["problems"]["the ledger"]
        # The champion that was loaded from the newer ledger is the last that can be believed.
        assert predict(client).json()["version"] == 4
    before = (home / "ledger.jsonl").read_bytes()
    with serving() as client:
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["models"]) == (503, {})
        assert "older than its database" in ready.json()["problems"]["the ledger"]
        assert predict(client).status_code == 503
        assert predict(client).headers["retry-after"] == "5"
        with pytest.raises(BrokenLedger, match=r"restore the newer ledger\.jsonl and ledger\.head"):
            pause(ledger, "sentiment", "it insults", "", home / "cache")
        assert (home / "ledger.jsonl").read_bytes() == before
        put(newer)
        until(lambda: client.get("/readyz").status_code == 200, seconds=40)
        assert predict(client).json()["version"] == 4


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("needloop.db", b"not a database", "needloop.db cannot be used, it is not a database"),
        ("secret.key", b"short", "secret.key holds 5 bytes instead of 32: restore it from a backup"),
        ("secret.key", None, "secret.key is missing: restore it from a backup"),
    ],
)
def test_a_service_does_not_start_on_damage_and_says_which_in_one_sentence(home, name, content, told):
    Store(f"sqlite:///{home / 'needloop.db'}")
    if content is None:
        (home / name).unlink()
    else:
        (home / name).write_bytes(content)
    done = ended(home, "--port", "0")
    assert done.returncode == 1
    assert done.stderr.startswith(f"needloop: {home}/{told}"), done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert (home / name).exists() is (content is not None)


def test_a_service_makes_no_key_where_customers_are_hashed_with_another(home, tmp_path):
    settings = Settings(home=home, _env_file=None)
    with TestClient(app(settings), base_url="http://127.0.0.1") as client:
        body = {"texts": ["bad"], "customer": "c-1"}
        assert client.post("/v1/models/sentiment/predict", json=body).status_code == 200
    for name in ("secret.key", "ledger.jsonl", "ledger.head"):
        (home / name).unlink()
    done = ended(home, "--port", "0")
    told = done.stderr.startswith(f"needloop: {home}/secret.key is missing")
    assert (done.returncode, told) == (1, True), done.stderr
