"""A restore brings back the whole home or changes nothing, and overwrites newer files only with an explicit option."""

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import traceback
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.backup.archive import CONTENTS, BrokenBackup, Contents, add_contents, add_file, new_archive
from pipelines.backup.restoring import HomeInUse, HomeIsNewer, restore_backup
from pipelines.home.contents import state_files
from pipelines.home.location import Owner, read_location
from pipelines.home.swapping import FOLDER, RestoreInProgress, repair, restore_folder
from pipelines.ledger.ledger import Ledger
from pipelines.store import keyring
from pipelines.store.feedback_cleanup import FeedbackFilter
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.flows.homes import digests
from tests.pipelines.backup.conftest import grow, save

ANSWER = Prediction("topics", 1, "9" * 64, "text", "delay", 0.5, {})


def killed(saved, home, left):
    """Restore in a process that is killed at its next rename after so many; True if the kill came before the end."""
    failure = home.with_name(f"{home.name}.failure")
    if not (child := os.fork()):
        real, done = Path.rename, []

        def rename(self, target):
            if len(done) == left:
                os.kill(os.getpid(), signal.SIGKILL)
            done.append(target)
            return real(self, target)

        Path.rename = rename
        try:
            restore_backup(saved, home, True, int)
        except BaseException:
            failure.write_text(traceback.format_exc())
        finally:
            os._exit(0)  # no cleanup: the parent's open files are not this process's
    _, status = os.waitpid(child, 0)
    assert not failure.exists(), failure.read_text()
    return os.WIFSIGNALED(status)


def content_of(home):
    """Digests of a home's files; of the database, its SQL dump."""
    files = {name: digests(home)[name] for name in state_files(home)}
    with closing(sqlite3.connect(home / "needloop.db")) as connection:
        return files | {"needloop.db": "\n".join(connection.iterdump())}


def test_an_empty_home_becomes_what_was_saved(home, saved, tmp_path):
    made = restore_backup(saved, tmp_path / "new", False, int)
    assert (made.entries, made.root) == (2, str(home))
    before, after = content_of(home), content_of(tmp_path / "new")
    assert before.pop("home.json") != after.pop("home.json")
    assert before == after
    entry = Ledger(tmp_path / "new" / "ledger.jsonl").entries()[-1]
    assert (Path(entry.package).parents[2], Path(entry.package).exists()) == (tmp_path / "new", True)
    assert read_location(tmp_path / "new").owner == Owner.of(home) != Owner.of(tmp_path / "new")


def test_a_backup_signs_nobody_in_and_a_restore_leaves_the_homes_own_link(home, tmp_path):
    (home / "signin.key").write_text("nl_signin_before")
    saved = save(home, tmp_path / "without.tar")
    assert b"nl_signin_before" not in saved.read_bytes()
    (home / "signin.key").write_text("nl_signin_now")
    restore_backup(saved, home, False, int)
    restore_backup(saved, tmp_path / "new", False, int)
    assert (home / "signin.key").read_text() == "nl_signin_now"
    assert not (tmp_path / "new" / "signin.key").exists()


def test_a_sign_in_secret_in_a_backup_of_before_is_passed_by(home, saved, tmp_path):
    """Old backups hold the secret: its digest is compared, and the file is not restored."""
    old = tmp_path / "old.tar"
    with new_archive(old) as archive:
        (tmp_path / "signin.key").write_text("nl_signin_before")
        files = {name: add_file(archive, name, file, int) for name, file in state_files(home).items()}
        files["signin.key"] = add_file(archive, "signin.key", tmp_path / "signin.key", int)
        add_contents(archive, Contents("2026-01-01T00:00:00+00:00", str(home), 2, 1, files))
    assert restore_backup(old, tmp_path / "new", False, int).entries == 2
    assert not (tmp_path / "new" / "signin.key").exists()


def test_only_its_owner_reads_what_is_written(home, saved, tmp_path):
    restore_backup(saved, tmp_path / "new", False, int)
    assert saved.stat().st_mode & 0o077 == 0
    written = [path for path in (tmp_path / "new").rglob("*") if not path.name.endswith(".lock")]
    assert [path for path in (tmp_path / "new", *written) if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("more", "lost"),
    [({"entries": 1}, "1 ledger entry that"), ({"entries": 0, "feedback": 3}, "3 rows of feedback that")],
)
def test_a_home_that_knows_more_is_replaced_only_on_demand(more, lost, home, saved):
    grow(home, **more)
    (home / "cards").mkdir()
    before = content_of(home)
    with pytest.raises(HomeIsNewer, match=f"{lost} the backup lacks.*--accept-older"):
        restore_backup(saved, home, False, int)
    assert content_of(home) == before
    assert restore_backup(saved, home, True, int).entries == 2
    assert len(Ledger(home / "ledger.jsonl").entries()) == 2
    assert not (home / "cards").exists()


def test_a_home_with_another_history_counts_as_one_that_knows_more(saved, tmp_path):
    grow(tmp_path / "other")
    with pytest.raises(HomeIsNewer, match="1 ledger entry"):
        restore_backup(saved, tmp_path / "other", False, int)


def making_a_key(store):
    store.create_key("web", ["predict"])


def revoking_a_key(store):
    store.revoke_key("old")


def setting_a_row_aside(store):
    store.feedback_cleanup().set_aside(FeedbackFilter(ids=(1,)))


def restoring_a_row(store):
    store.feedback_cleanup().restore(FeedbackFilter(ids=(2,)))


@pytest.mark.parametrize(
    ("done", "lost"),
    [
        (making_a_key, r"1 API key \(web\) that the backup lacks"),
        (revoking_a_key, r"1 revoked API key \(old\) that the backup has as valid"),
        (lambda store: store.undo(1), "1 row of feedback taken back since"),
        (setting_a_row_aside, "1 row of feedback set aside since"),
        (restoring_a_row, "1 row of feedback restored since"),
        (lambda store: store.record([ANSWER]), "1 prediction that the backup lacks"),
    ],
)
def test_what_was_decided_since_is_undone_only_on_demand(done, lost, home, tmp_path):
    grow(home, entries=0, feedback=1)
    store = Store(f"sqlite:///{home / 'needloop.db'}")
    store.create_key("old", ["predict"])
    store.feedback_cleanup().set_aside(FeedbackFilter(ids=(2,)))
    saved = save(home, tmp_path / "saved.tar")
    restore_backup(saved, home, False, int)  # the backup has every entry
    done(store)
    before = content_of(home)
    with pytest.raises(HomeIsNewer, match=f"has {lost}: to lose that, add --accept-older"):
        restore_backup(saved, home, False, int)
    assert content_of(home) == before
    restore_backup(saved, home, True, int)


def test_that_there_was_a_key_outlives_every_restore(home, saved, tmp_path):
    keyring.mark(home)
    restore_backup(saved, home, True, int)
    assert keyring.is_marked(home)
    later = save(home, tmp_path / "later.tar")
    restore_backup(later, tmp_path / "new", False, int)
    assert keyring.is_marked(tmp_path / "new")


def test_a_later_backup_that_set_rows_aside_brings_an_older_home_forward_unasked(home, tmp_path):
    old = shutil.copytree(home, tmp_path / "old")
    grow(home, entries=0, feedback=1)
    setting_a_row_aside(Store(f"sqlite:///{home / 'needloop.db'}"))
    restore_backup(save(home, tmp_path / "later.tar"), old, False, int)
    assert Store(f"sqlite:///{old / 'needloop.db'}").feedback_cleanup().count(FeedbackFilter(ids=(1,))).set_aside == 1


def test_a_database_of_before_is_compared_as_far_as_it_goes(home, saved, tmp_path):
    with closing(sqlite3.connect(home / "needloop.db")) as connection:
        connection.executescript("DROP TABLE keys; DROP INDEX feedback_set_aside; ALTER TABLE feedback DROP set_aside")
    restore_backup(saved, home, False, int)
    (home / "needloop.db").unlink()
    without = save(home, tmp_path / "without.tar")
    grow(home, entries=0, feedback=2)
    with pytest.raises(
        HomeIsNewer, match="2 predictions that the backup lacks, 2 rows of feedback that the backup lacks"
    ):
        restore_backup(without, home, False, int)


def test_a_damaged_database_is_replaced_only_on_demand(home, saved):
    (home / "needloop.db").write_bytes(b"no database...")
    with pytest.raises(HomeIsNewer, match=r"needloop\.db that cannot be read"):
        restore_backup(saved, home, False, int)
    restore_backup(saved, home, True, int)
    assert (home / "needloop.db").read_bytes().startswith(b"SQLite")


def test_an_older_home_is_brought_forward_and_loses_what_is_rebuilt_nowhere(home, tmp_path):
    old = shutil.copytree(home, tmp_path / "old")
    grow(home, entries=1, feedback=1)
    (old / "logs").mkdir()
    (old / "logs" / "error.log").write_text("of here")
    restore_backup(save(home, tmp_path / "later.tar"), old, False, int)
    assert len(Ledger(old / "ledger.jsonl").entries()) == 3
    assert (old / "logs" / "error.log").read_text() == "of here"


def hostile(**fields):
    """An archive member that no backup contains."""
    member = tarfile.TarInfo(fields.pop("name"))
    for name, value in fields.items():
        setattr(member, name, value)
    return member


@pytest.mark.parametrize(
    "member",
    [
        hostile(name="../outside"),
        hostile(name="artifacts/../../outside"),
        hostile(name="/tmp/outside"),
        hostile(name="link", type=tarfile.SYMTYPE, linkname="/etc"),
        hostile(name="hard", type=tarfile.LNKTYPE, linkname="ledger.jsonl"),
        hostile(name="device", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        hostile(name="pipe", type=tarfile.FIFOTYPE),
        hostile(name=f"{FOLDER}/ready.json"),
        hostile(name="logs/x.process.json"),
        hostile(name="prefect.auth"),
        hostile(name="mlflow.auth"),
        hostile(name="ledger.jsonl"),
        hostile(name="ledger.jsonl/below"),
    ],
    ids=lambda member: member.name.replace("/", "_"),
)
def test_an_archive_that_would_write_elsewhere_changes_nothing(member, home, saved, tmp_path):
    with tarfile.open(saved) as good, tarfile.open(tmp_path / "bad.tar", "w") as bad:
        for known in good:
            if known.name == CONTENTS:
                bad.addfile(member, io.BytesIO())
            bad.addfile(known, good.extractfile(known))
    before, names = content_of(home), {path.name for path in tmp_path.iterdir()}
    with pytest.raises(BrokenBackup):
        restore_backup(tmp_path / "bad.tar", home, True, int)
    assert (content_of(home), {path.name for path in tmp_path.iterdir()}) == (before, names)
    assert not Path("/tmp/outside").exists()


def test_names_in_a_damaged_backup_are_shown_as_escapes(home, tmp_path):
    with new_archive(tmp_path / "bad.tar") as archive:
        add_file(archive, "cards/\x1b[2J", home / "needloop.db", int)
        add_contents(archive, Contents("now", str(home), 0, 0, {}))
    with pytest.raises(BrokenBackup, match=r"cards/\\x1b\[2J") as refused:
        restore_backup(tmp_path / "bad.tar", home, True, int)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
        {"GNU.sparse.size": "1", "GNU.sparse.map": "no,number"},
        {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(10**7)},
    ],
    ids=["a map that is missing", "a map without numbers", "more than it takes in the archive"],
)
def test_an_archive_of_sparse_files_is_no_backup(headers, home, saved, tmp_path):
    with tarfile.open(tmp_path / "bad.tar", "w", format=tarfile.PAX_FORMAT) as bad:
        member = tarfile.TarInfo("artifacts/model")
        member.size, member.pax_headers = 1024, headers
        bad.addfile(member, io.BytesIO(b"x" * 1024))
    with pytest.raises(BrokenBackup, match=r"cannot be read as a backup|which no backup of needloop has"):
        restore_backup(tmp_path / "bad.tar", home, True, int)


@pytest.mark.parametrize("cut", [0, 1, 100, 2000, -1])
def test_a_file_that_is_cut_or_altered_changes_nothing(cut, home, tmp_path):
    file = save(home, tmp_path / "saved.tar")
    data = bytearray(file.read_bytes())
    for name, bad in (("cut.tar", data[:cut]), ("altered.tar", data.replace(b"\2" * 1000, b"\3" * 1000))):
        (tmp_path / name).write_bytes(bad if cut != -1 or name != "cut.tar" else b"no tar")
        before = content_of(home)
        with pytest.raises(BrokenBackup):
            restore_backup(tmp_path / name, home, True, int)
        assert content_of(home) == before
        assert not (home / FOLDER).exists()


def test_a_home_that_a_process_works_with_is_left_alone(home, saved):
    holding = [sys.executable, "-c", "import sys; f = open(sys.argv[1]); print(flush=True); input()"]
    with subprocess.Popen(
        [*holding, str(home / "needloop.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        with pytest.raises(HomeInUse, match=f"process {child.pid}: stop it"):
            restore_backup(saved, home, True, int)
        child.stdin.close()
    restore_backup(saved, home, True, int)


def test_while_one_restores_others_wait(home):
    with restore_folder(home), pytest.raises(RestoreInProgress, match="wait until it is done"):
        repair(home)


def test_killed_at_any_point_a_home_is_the_old_or_the_new_one(home, saved, tmp_path):
    """Every rename is such a point: that of the list of moves, and that of each moved name."""
    grow(home, entries=1)
    old, states = content_of(home), []
    for left in range(100):
        victim = shutil.copytree(home, tmp_path / str(left))
        dead = killed(saved, victim, left)
        repair(victim)
        assert not (victim / FOLDER).exists()
        states.append(content_of(victim) == old)
        if not states[-1]:
            assert len(Ledger(victim / "ledger.jsonl").entries()) == 2
            assert [(victim / "artifacts" / name).exists() for name in "123"] == [True, True, False]
        if not dead:
            break
    assert not dead
    assert states == sorted(states, reverse=True)  # old until the list of moves is complete, then new
    assert states.count(False) > 5 > states.count(True) > 0
