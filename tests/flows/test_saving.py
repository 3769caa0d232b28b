"""A backup of a home in use, in one file, and its restore elsewhere."""

import json
import subprocess
import sys
import tarfile

import pytest
from typer.testing import CliRunner

from flows.auditing import differences
from flows.commands.app import app
from flows.retention import prune
from pipelines.backup.archive import Contents, add_contents, add_file, new_archive
from pipelines.backup.restoring import HomeIsNewer
from pipelines.home.databases import last_feedback
from pipelines.home.location import read_location
from pipelines.ledger.chain import BrokenLedger
from pipelines.ledger.ledger import Ledger
from pipelines.masking.identity import secret_key
from pipelines.store.feedback_rows import Feedback
from pipelines.store.lease import BACKUP, LeaseHeld, lease
from pipelines.store.ledger_heads import Head
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.votes import ANY_LABEL
from pipelines.workspace.settings import Settings
from tests.flows.homes import digests
from tests.flows.versions import record_decision, registered
from tests.pipelines.serving.conftest import until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def two(decided):
    """A home with a champion, a refused version, and a row of feedback."""
    settings = decided("promote", "refuse")
    store, answer = Store(settings.database), Prediction("topics", 1, "0" * 64, "text", "delay", 0.5, {})
    store.record([answer])
    store.add(Feedback(answer.id, label="baggage"))
    return settings


WRITER = """
import itertools, sys
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
store = Store(sys.argv[1])
for number in itertools.count(1):
    answer = Prediction("topics", 1, f"{number:064}", f"text {number}", "delay", 0.5, {})
    store.record([answer])
    store.add(Feedback(answer.id, label="baggage"))
"""


def run(*words):
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def elsewhere(monkeypatch, home):
    """The settings of a process for another home."""
    monkeypatch.setenv("NEEDLOOP_HOME", str(home))
    for name in ("MLFLOW_TRACKING_URI", "NEEDLOOP_CATALOG"):
        monkeypatch.delenv(name, raising=False)
    return Settings(_env_file=None)


def test_what_was_saved_while_it_was_written_to_is_whole_elsewhere(two, tmp_path, monkeypatch):
    for name in ("prefect.auth", "mlflow.auth"):
        (two.home / name).write_text("needloop:secret")
    with subprocess.Popen([sys.executable, "-c", WRITER, two.database]) as writer:
        until(lambda: last_feedback(two.home / "needloop.db") > 1, seconds=200, process=writer, log=two.files.ledger)
        made = json.loads(run("backup", str(tmp_path / "saved.tar.gz"), "--json").stdout)
        assert writer.poll() is None
        writer.kill()
    assert (made["entries"], made["left_out"]) == (2, [])
    new = elsewhere(monkeypatch, tmp_path / "new")
    restored = json.loads(run("restore", str(tmp_path / "saved.tar.gz"), "--json").stdout)
    assert (restored["home"], restored["root"]) == (str(new.home), str(two.home))
    new.activate()
    assert differences(new.workspace, None) == []
    assert [version.version for version in new.workspace.registry.versions("topics")] == [1, 2]
    assert last_feedback(new.home / "needloop.db") == restored["feedback"] == made["feedback"] > 1
    assert len(Store(new.database).labelled_texts("topics", ANY_LABEL)) > 0
    # Not in a backup, because it opens no server; it is made again where it is missing.
    assert list(new.home.glob("*.auth")) == []
    assert read_location(new.home).former == (str(two.home),)


def test_a_backup_waits_for_mlflow_to_follow_a_decision(two, tmp_path, monkeypatch):
    registry, head = two.workspace.registry, Ledger(two.files.ledger).entries()[-1].hash()
    registry.set_head("topics", Ledger(two.files.ledger).entries()[0].hash())
    monkeypatch.setattr("pipelines.backup.backup.time.sleep", lambda _: registry.set_head("topics", head))
    run("backup", str(tmp_path / "saved.tar"))
    new = elsewhere(monkeypatch, tmp_path / "new")
    run("restore", str(tmp_path / "saved.tar"))
    assert differences(new.activate().workspace, None) == []


def test_a_backup_is_its_owners_alone_and_replaces_nothing(two, tmp_path):
    file = tmp_path / "saved.tar"
    (tmp_path / ".saved.tar.partial").write_text("what a killed one left")
    told = run("backup", str(file)).stdout
    assert "2 ledger entries; it holds secret.key" in " ".join(told.split())
    assert file.stat().st_mode & 0o777 == 0o600
    before = digests(tmp_path)
    with pytest.raises(FileExistsError, match=r"saved\.tar exists: name a new file"):
        run("backup", str(file))
    with pytest.raises(FileExistsError, match="lies in the home"):
        run("backup", str(two.home / "saved.tar"))
    assert digests(tmp_path)["saved.tar"] == before["saved.tar"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_a_backup_says_of_itself_moves_no_cursor_and_paints_nothing(tmp_path, monkeypatch):
    odd = "/srv/\x1b[2J\x1b]0;title\x07\u202e客服"
    (tmp_path / "empty").touch()
    with new_archive(tmp_path / "saved.tar") as archive:
        files = {"cards/a.md": add_file(archive, "cards/a.md", tmp_path / "empty", int)}
        add_contents(archive, Contents("2026-01-01\x1b[31m", odd, 0, 0, files))
    elsewhere(monkeypatch, tmp_path / "new")
    told = run("restore", str(tmp_path / "saved.tar")).output
    assert (
        " is what /srv/\\x1b[2J\\x1b]0;title\\x07\\u202e客服 was at 2026-01-01\\x1b[31m" in told.replace("\n", " ")
    ) is True
    assert [letter for letter in told if not letter.isprintable() and letter != "\n"] == []


def test_what_lies_elsewhere_is_named_and_no_password_with_it(declared, tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_STORE", str(tmp_path / "store"))
    settings = Settings(_env_file=None).activate()
    record_decision(registered(declared, settings, 1), "promote", settings)
    told = run("backup", str(tmp_path / "saved.tar")).stdout
    assert f"not in the backup, back it up separately: the store {tmp_path / 'store'}" in told.replace("\n", "")
    with tarfile.open(tmp_path / "saved.tar") as archive:
        assert [name for name in archive.getnames() if name.startswith(("artifacts", "store"))] == []
    from pipelines.backup.backup import outside_parts as outside

    remote = settings.model_copy(update={"database_url": "postgresql+psycopg://needloop:hidden@db/needloop"})
    assert "hidden" not in str(outside(remote.workspace))
    assert "postgresql" in str(outside(remote.workspace))


def test_nothing_is_pruned_while_files_are_copied(two):
    with lease(two.database, BACKUP), pytest.raises(LeaseHeld, match="backup"):
        prune.fn(["topics"], keep=0)


def test_a_database_elsewhere_takes_the_older_ledger_for_what_it_is(two, tmp_path, monkeypatch):
    run("backup", str(tmp_path / "saved.tar"))
    record_decision(two.workspace.registry.version("topics", 2), "promote", two)
    monkeypatch.setenv("NEEDLOOP_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    store, key = Store(f"sqlite:///{tmp_path / 'elsewhere.db'}"), secret_key(two.home)
    store.record_head(key, Head(3, Ledger(two.files.ledger).entries()[-1].hash()))
    with pytest.raises(HomeIsNewer, match="1 ledger entry"):
        run("restore", str(tmp_path / "saved.tar"))
    assert store.head(key).entries == 3
    run("restore", str(tmp_path / "saved.tar"), "--accept-older")
    assert (store.head(key), len(Ledger(two.files.ledger).entries())) == (None, 2)


def test_a_ledger_that_is_older_than_its_database_is_not_saved_as_if_it_were_whole(two, tmp_path):
    Store(two.database).record_head(secret_key(two.home), Head(3, "c" * 64))
    with pytest.raises(BrokenLedger, match="is older than its database"):
        run("backup", str(tmp_path / "saved.tar"))
    assert list(tmp_path.glob("*saved*")) == []
