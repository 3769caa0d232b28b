"""Only its owner reads a home: old files are closed once, new ones are closed from the start."""

import os
import stat
import subprocess
import sys

import pytest
from sqlalchemy import text

from pipelines.onboarding.scaffold import append_model
from pipelines.runtime import file_modes
from pipelines.runtime.file_modes import make_private
from pipelines.store.database import open_database, writing
from pipelines.workspace.settings import Settings
from tests.pipelines.ledger.made import event


@pytest.fixture(autouse=True)
def open_to_all():
    """The umask of most users; afterwards the test's own."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def readable(home):
    """The paths that other users may read, write or enter."""
    return [path for path in (home, *home.rglob("*")) if mode(path) & 0o077 and not path.is_symlink()]


@pytest.fixture
def old(tmp_path):
    """A home of an older release, with foreign files inside and behind a link."""
    home = tmp_path / "home"
    for folder in ("snapshots/intent", "logs", "prefect/storage", "mine"):
        (home / folder).mkdir(parents=True)
    for file in ("needloop.db", "needloop.db-wal", "mlflow.db", "ledger.jsonl", "audit.json", "snapshots/intent/a.csv"):
        (home / file).write_text("x")
    for file in ("logs/api.log", "logs/tool.sh", "prefect/storage/r", "mine/notes.txt"):
        (home / file).write_text("x")
    (home / "logs/tool.sh").chmod(0o755)
    (tmp_path / "catalog.toml").write_text("x")
    (home / "logs/link").symlink_to(tmp_path / "catalog.toml")
    return home


def test_a_home_of_before_is_closed_and_what_is_not_ours_stays_as_it_is(old, tmp_path):
    make_private(old)
    assert mode(old) == mode(old / "snapshots") == mode(old / "snapshots/intent") == 0o700
    assert readable(old) == [old / "mine", old / "mine/notes.txt"]
    assert mode(old / "logs/tool.sh") == 0o700
    assert mode(tmp_path / "catalog.toml") == 0o644


def test_a_closed_home_is_not_searched_again(old, monkeypatch):
    make_private(old)
    monkeypatch.setattr(file_modes.os, "walk", lambda _path: pytest.fail("searched again"))
    make_private(old)


def test_a_home_that_belongs_to_another_user_is_left_to_that_user(old, monkeypatch):
    monkeypatch.setattr(file_modes.os, "getuid", lambda: old.stat().st_uid + 1)
    make_private(old)
    assert mode(old) == 0o755


def test_a_new_home_is_closed_and_so_is_what_processes_write_in_it(tmp_path):
    settings = Settings(home=tmp_path / "new" / "home", _env_file=None).activate()
    with writing(open_database(settings.database)) as connection:
        connection.execute(text("DELETE FROM uses"))
        assert {"needloop.db-wal", "needloop.db-shm"} <= {path.name for path in settings.home.iterdir()}
        assert readable(settings.home) == []
    settings.workspace.ledger.append(event("promote", "m", 1))
    child = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.mkdir(); (p / 'file').touch()"
    subprocess.run([sys.executable, "-c", child, str(settings.home / "work")], check=True)
    assert (settings.home / "work" / "file").exists()
    assert readable(settings.home) == []


def test_a_catalog_of_the_users_own_keeps_its_mode(tmp_path, topics):
    file = tmp_path / "catalog.toml"
    file.write_text("# mine\n")
    file.chmod(0o664)
    os.umask(0o077)
    append_model(topics, file)
    assert mode(file) == 0o664
