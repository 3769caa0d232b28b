"""A restore brings back the whole home or changes nothing."""

import os
import shutil
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from pipelines.backup.archive import Contents, add_contents, add_file, new_archive
from pipelines.backup.restoring import HomeInUse, restore_backup
from pipelines.home.contents import state_files
from pipelines.home.location import Owner, read_location
from pipelines.home.swapping import FOLDER, RestoreInProgress, repair, restore_folder
from pipelines.ledger.ledger import Ledger
from tests.pipelines.backup.conftest import content_of, grow, save


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


def test_an_older_home_is_brought_forward_and_loses_what_is_rebuilt_nowhere(home, tmp_path):
    old = shutil.copytree(home, tmp_path / "old")
    grow(home, entries=1, feedback=1)
    (old / "logs").mkdir()
    (old / "logs" / "error.log").write_text("of here")
    restore_backup(save(home, tmp_path / "later.tar"), old, False, int)
    assert len(Ledger(old / "ledger.jsonl").entries()) == 3
    assert (old / "logs" / "error.log").read_text() == "of here"


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
