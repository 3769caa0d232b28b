import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import NullPool, create_engine

from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.tables import METADATA

# With an address, these tests run on PostgreSQL too (add `-W ignore::ResourceWarning`: a pool ends with its process).
POSTGRES = os.environ.get("NEEDLOOP_TEST_POSTGRES")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"] if POSTGRES else ["sqlite"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'needloop.db'}"
    METADATA.drop_all(create_engine(POSTGRES, poolclass=NullPool))
    return POSTGRES


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """The bytes of a migrated SQLite file: the migrations take a tenth of a second."""
    file = tmp_path_factory.mktemp("new") / "needloop.db"
    Store(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        return connection.serialize()


@pytest.fixture
def store(url, new_database, tmp_path):
    if url.startswith("sqlite"):
        (tmp_path / "needloop.db").write_bytes(new_database)
    return Store(url)


@pytest.fixture
def answer(store):
    """Record one prediction, and return it."""

    def answer(key="k1", label="neutral", model="sentiment", **values):
        prediction = Prediction(model, 3, key, f"text of {key}", label, 0.5, {label: 0.5}, **values)
        store.record([prediction])
        return prediction

    return answer


def ids(messages):
    return [message.prediction.id for message in messages]


@pytest.fixture
def say(store):
    """Record one answer with these scores."""

    def say(key, *scores, abstained=False, minute=0, model="sentiment"):
        named = dict(zip("abc", scores, strict=False))
        label, time = max(named, key=named.get, default=""), NOON + timedelta(minutes=minute)
        made = Prediction(model, 1, key, key, label, max(scores, default=0), named, abstained=abstained, time=time)
        store.record([made])
        return made.id

    return say
