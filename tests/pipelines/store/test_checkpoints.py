import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from sqlalchemy import create_mock_engine

from pipelines.home.faults import DatabaseFault
from pipelines.store.database import BUSY_SECONDS, open_database
from pipelines.store.predictions import Prediction
from pipelines.store.store import Checkpoints, Store
from tests.pipelines.store.unlogged import predictions


def written(count=250):
    return [Prediction("sentiment", 3, f"{n:064}", "text " * 500, "neutral", 0.5, {}) for n in range(count)]


def test_nobody_s_commit_writes_the_log_back_but_a_checkpoint_does(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'needloop.db'}")
    known = store.checkpoints()
    known.refresh()
    for one in written():  # more pages than SQLite waits for by itself
        store.record([one])
    assert predictions(tmp_path, tmp_path) == 0
    store.checkpoints().refresh()
    assert predictions(tmp_path, tmp_path) == 250


def test_a_reader_who_stays_holds_nobody_up(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.store.store.EVERY_SECONDS", -1.0)
    monkeypatch.setattr("pipelines.store.store.MAX_PAGES", -1)
    url = f"sqlite:///{tmp_path / 'needloop.db'}"
    store = Store(url)
    store.record([prediction := written(1)[0]])
    with open_database(url).connect() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM predictions").scalar() == 1
        store.record([other := written(1)[0]])
        looking = Thread(target=store.checkpoints().refresh, daemon=True)
        looking.start()
        looking.join(BUSY_SECONDS / 3)
        assert not looking.is_alive()
        store.record([written(1)[0]])
    assert [store.prediction(one.id) for one in (prediction, other)] == [prediction, other]


def test_it_is_due_once_in_a_while_and_in_no_other_database(tmp_path):
    known = Store(f"sqlite:///{tmp_path / 'needloop.db'}").checkpoints()
    assert known.due()
    known.refresh()
    assert not known.due()
    assert not Checkpoints(create_mock_engine("postgresql://", print)).due()


def test_a_long_log_begins_anew_however_many_write(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.store.store.EVERY_SECONDS", -1.0)
    monkeypatch.setattr("pipelines.store.store.MAX_PAGES", 200)
    stores = [Store(f"sqlite:///{tmp_path / 'needloop.db'}") for _ in range(3)]
    looked = stores[0].checkpoints()
    with ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(lambda mine=mine: [mine.record([one]) for one in written(300)]) for mine in stores]
        while not all(one.done() for one in writing):
            looked.refresh()
    pages = (tmp_path / "needloop.db-wal").stat().st_size / 4096
    assert pages < 2000


def test_one_that_fails_is_not_tried_again_at_once(tmp_path):
    (tmp_path / "home").mkdir()
    known = Store(f"sqlite:///{tmp_path / 'home' / 'needloop.db'}").checkpoints()
    shutil.rmtree(tmp_path / "home")
    with pytest.raises(DatabaseFault):
        known.refresh()
    assert not known.due()
