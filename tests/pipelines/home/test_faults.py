"""Damage of a disk or a database becomes a sentence that names the file and the remedy."""

import errno
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text

from pipelines.home.faults import DatabaseFault, explain_fault
from pipelines.home.soundness import overwritten_database, require_sound
from pipelines.masking.identity import secret_key
from pipelines.store.database import open_database
from pipelines.store.feedback_rows import Feedback
from pipelines.store.keyring import Keyring
from pipelines.store.lease import lease
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.workspace.settings import Settings


@pytest.fixture
def file(tmp_path):
    return tmp_path / "needloop.db"


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


def answer(number, text="t" * 3000):
    return Prediction("sentiment", 1, f"{number:064}", text, "neutral", 0.5, {"neutral": 0.5})


@pytest.fixture
def full(url):
    """A store whose database may not grow, as on a full disk, and an answer that was stored before."""
    store, kept = Store(url), answer(0)
    store.record([kept])
    event.listen(Engine, "connect", limited)
    yield Store(url), kept
    event.remove(Engine, "connect", limited)


def limited(connection, _record):
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")


def fill(keep):
    for number in range(1, 50):
        keep([answer(number)])


def test_a_full_disk_is_named_by_whatever_writes(full, file):
    store, kept = full
    told = rf"^{file} cannot be used, its disk is full: free some space, then try again$"
    with pytest.raises(DatabaseFault, match=told):
        fill(store.record)
    with pytest.raises(DatabaseFault, match=told):
        fill(store.prediction_writer().write)
    with pytest.raises(DatabaseFault, match=told):
        [store.add(Feedback(kept.id, comment="c" * 3000)) for _ in range(50)]
    assert store.prediction(kept.id) == kept


@pytest.mark.parametrize("rest", [b"not a database", b"x" * 5000], ids=["14 bytes", "a page of rubbish"])
def test_a_database_that_was_overwritten_is_named(url, file, rest):
    Store(url)
    for kept in file.parent.glob("needloop.db-*"):
        kept.unlink()
    file.write_bytes(rest)
    told = (
        rf"^{file} cannot be used, it is not a database, another program has overwritten it: restore it from a backup$"
    )
    with pytest.raises(DatabaseFault, match=told):
        Store(url)
    with pytest.raises(DatabaseFault, match=told), lease(url, "training"):
        pytest.fail("leased")


def test_a_database_that_another_process_keeps_locked_is_named(url, file):
    store = Store(url, timeout=0.05)
    blocker = sqlite3.connect(file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseFault, match=f"^{file} cannot be used, another process keeps it locked: wait"):
        store.record([answer(1)])
    with pytest.raises(DatabaseFault, match="locked"):
        store.prediction_writer().write([answer(1)])
    with pytest.raises(DatabaseFault, match="locked"):
        store.check_writable()
    blocker.execute("ROLLBACK")
    blocker.close()
    store.check_writable()


def test_a_folder_in_which_no_database_can_be_made_is_named(tmp_path):
    (tmp_path / "needloop.db").mkdir()
    with pytest.raises(DatabaseFault, match=f"^{tmp_path}/needloop.db cannot be used, it cannot be opened or made"):
        Store(f"sqlite:///{tmp_path / 'needloop.db'}")


def test_who_asks_with_a_key_learns_of_the_damage_too(url, tmp_path):
    (tmp_path / "other.db").write_bytes(b"not a database")
    ring = Keyring(open_database(url), sqlite3.connect(tmp_path / "other.db"))
    with pytest.raises(DatabaseFault, match="it is not a database"):
        ring.has_keys()


def test_an_error_of_a_statement_is_no_fault_of_the_disk(url):
    with open_database(url).connect() as connection, pytest.raises(Exception, match="no such table") as raised:
        connection.execute(text("SELECT * FROM missing"))
    assert explain_fault(raised.value, Path()) is None


@pytest.mark.parametrize("looks", ["require_sound", "overwritten", "activate"])
def test_to_look_at_a_home_takes_no_lock_away_from_sqlite(url, file, looks):
    """Otherwise another process deletes the log on its exit, and later writes are lost."""
    store = Store(url)
    secret_key(file.parent)
    {
        "require_sound": lambda: require_sound(file.parent),
        "overwritten": lambda: overwritten_database(file.parent),
        "activate": Settings(home=file.parent, _env_file=None).activate,
    }[looks]()
    store.record([answer(1)])
    count = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        " print(c.execute('SELECT count(*) FROM predictions').fetchone()[0]); c.close()"
    )

    def stored_predictions():
        return int(subprocess.run([sys.executable, "-c", count, file], capture_output=True, check=True).stdout)

    assert stored_predictions() == 1
    assert file.with_name("needloop.db-wal").exists()
    store.record([answer(2)])
    assert stored_predictions() == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OSError(errno.ENOSPC, "No space", "/h/ledger.jsonl"),
            "/h/ledger.jsonl cannot be used, the disk is full: free",
        ),
        (OSError(errno.ENOSPC, "No space"), "HOME cannot be used, the disk is full"),
        (
            OSError(errno.EROFS, "Read-only", "/h/x"),
            "/h/x cannot be used, the file system is read-only: give this user",
        ),
        (PermissionError(errno.EACCES, "no", "/h/x"), "/h/x cannot be used, this user may not write or read there"),
        (FileNotFoundError(errno.ENOENT, "no", "/h/x"), None),
        (ValueError("no labels"), None),
    ],
)
def test_an_error_of_the_system_names_the_file_and_what_to_do(tmp_path, error, told):
    sentence = explain_fault(error, tmp_path)
    assert sentence is None if told is None else sentence.startswith(told.replace("HOME", str(tmp_path)))


def test_what_a_library_wrapped_is_found_and_its_file_is_looked_for(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"not a database")
    sqlite3.connect(tmp_path / "needloop.db").execute("CREATE TABLE t (x)").connection.close()

    def library():
        try:
            create_engine(f"sqlite:///{tmp_path / 'mlflow.db'}").connect().execute(text("SELECT 1 FROM t"))
        except Exception as cause:
            raise RuntimeError("a library's own words") from cause

    with pytest.raises(RuntimeError) as raised:
        library()
    told = f"{tmp_path}/mlflow.db cannot be used, it is not a database"
    assert explain_fault(raised.value, tmp_path).startswith(told)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_disk_that_is_really_full_says_so(tmp_path):
    with pytest.raises(OSError) as raised, Path("/dev/full").open("w") as file:
        file.write("x")
    assert "the disk is full" in explain_fault(raised.value, tmp_path)
