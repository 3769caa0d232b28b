"""A home with newer rows, entries or keys than the backup is overwritten only with an explicit option."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from pipelines.backup.restoring import HomeIsNewer, restore_backup
from pipelines.ledger.ledger import Ledger
from pipelines.store import keyring
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from tests.pipelines.backup.conftest import content_of, grow, save

ANSWER = Prediction("topics", 1, "9" * 64, "text", "delay", 0.5, {})


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
