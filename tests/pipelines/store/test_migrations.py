"""Databases of older releases are migrated once without loss; newer ones are refused."""

import json
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, event, inspect, text

from pipelines.store import schema
from pipelines.store.database import open_database, writing
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store
from pipelines.store.tables import METADATA, VERSIONS
from pipelines.store.votes import AllowedCells
from tests.pipelines.store.together import TOGETHER, done

DATABASES = Path(__file__).with_name("databases")
OPENED = "import sys; from pipelines.store.store import Store; Store(sys.argv[1])"
OPENERS = f"""{TOGETHER}
from concurrent.futures import ThreadPoolExecutor
from pipelines.store.store import Store

def work(barrier, _worker):
    barrier.wait(20)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(Store, [sys.argv[1]] * 2))

together(work, 3)
"""


def run(url, *statements):
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def old(url, tmp_path):
    """The address of a database as the store of commit 5f045c1 made it."""
    if url.startswith("sqlite"):
        with sqlite3.connect(tmp_path / "needloop.db") as connection:
            connection.executescript((DATABASES / "5f045c1.sqlite.sql").read_text(encoding="utf-8"))
        connection.close()
    else:
        script = (DATABASES / "5f045c1.postgresql.sql").read_text(encoding="utf-8")
        with create_engine(url, poolclass=NullPool).begin() as connection:
            for statement in script.split(";\n"):
                connection.exec_driver_sql(statement)
    return url


@pytest.fixture
def older(old):
    """The same database without the columns for abstention and withdrawal, and without the index for pages."""
    run(old, "ALTER TABLE predictions DROP COLUMN abstained", "ALTER TABLE feedback DROP COLUMN undone")
    run(old, "DROP TABLE tallies", "DROP TABLE shadows", "DROP INDEX predictions_by_moment")
    run(old, "CREATE INDEX predictions_by_time ON predictions (model, time)")
    return old


def revision(url):
    with open_database(url).connect() as connection:
        return connection.scalar(text("SELECT version_num FROM needloop_version"))


def differences(url):
    with open_database(url).connect() as connection:
        options = {"version_table": VERSIONS.name, "compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)


def test_the_revisions_are_one_line_that_ends_where_the_program_says():
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    assert scripts.get_heads() == [schema.REVISION]
    assert all(script.revision == Path(script.path).name[1:5] for script in scripts.walk_revisions())


def test_a_new_database_has_the_declared_tables(url):
    assert revision(url) == schema.REVISION
    assert differences(url) == []


def test_a_database_of_before_there_were_versions_is_migrated_and_keeps_what_it_held(old):
    store = Store(old)
    kept = store.prediction("a" * 32)
    assert (kept.label, kept.customer, kept.abstained) == ("negative", "c" * 64, False)
    assert store.prediction("b" * 32).text == "wo bleibt mein Gepäck 我的行李"
    # Two of three feedback rows count; the withdrawn row is not learnt from, and its id is not used again.
    assert [lesson.label for lesson in store.labelled_texts("sentiment", AllowedCells(("positive", "negative")))] == [
        "positive"
    ]
    assert [lesson.label for lesson in store.labelled_texts("intent", AllowedCells(("baggage",)))] == ["baggage"]
    assert store.add(Feedback("a" * 32, label="positive", rating=4, comment="it's <NAME>"), "once").created is False
    assert store.add(Feedback("b" * 32, rating=1)).id == 4
    assert store.rollout_counts("t" * 64) == {("shadow", "negative"): (10, 3)}
    assert [purpose for _time, purpose in store.test_set_uses("d" * 64)] == ["version 1"]
    assert [(key.name, key.revoked is None) for key in store.list_keys()] == [("desk", True), ("gone", False)]
    assert revision(old) == schema.REVISION
    assert differences(old) == []


def test_columns_and_tables_that_an_older_database_lacks_are_added(older):
    store = Store(older)
    assert store.prediction("b" * 32).abstained is None
    new = Prediction("sentiment", 3, "new", "t", "neutral", 0.5, {}, abstained=True)
    store.record([new])
    assert store.prediction(new.id) == new
    assert differences(older) == []
    names = {index["name"] for index in inspect(open_database(older)).get_indexes("predictions")}
    assert names == {"predictions_by_moment", "predictions_by_key"}


def test_processes_that_come_at_once_migrate_once(older):
    opened = done(OPENERS, older)
    assert (opened.returncode, opened.stderr) == (0, "")
    assert differences(older) == []


def test_a_program_from_before_goes_on_writing_beside_this_one(older):
    Store(older)
    known = "time, model, version, key, text, label, score, scores, customer"
    run(older, f"INSERT INTO predictions (id, {known}) SELECT 'by-the-old', {known} FROM predictions LIMIT 1")
    assert Store(older).prediction("by-the-old").abstained is None


def test_a_migration_that_fails_leaves_the_database_as_it_was(older, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", DATABASES.parent / "failing")
    with pytest.raises(ZeroDivisionError):
        open_database(older)
    monkeypatch.undo()
    assert Store(older).prediction("b" * 32).abstained is None


def test_a_database_of_a_newer_program_is_refused_with_what_to_do(url):
    open_database(url)
    run(url, "UPDATE needloop_version SET version_num = '9999'")
    named = "needloop.db" if url.startswith("sqlite") else "postgresql"
    told = rf"{named}.* has the schema 9999 of a newer needloop.*install the newer version, or restore a backup"
    with pytest.raises(schema.NewerDatabase, match=told):
        open_database(url)


def test_an_up_to_date_database_opens_without_alembic_and_without_waiting_for_a_writer(url):
    open_database(url)
    # In a fresh process: this process has imported Alembic.
    script = f"{OPENED}; import json; print(json.dumps('alembic' in sys.modules))"
    with writing(open_database(url)) as connection:
        connection.execute(text("DELETE FROM uses"))
        found = done(script, url)
    assert json.loads(found.stdout) is False


def test_an_up_to_date_database_is_opened_by_reading(url):
    open_database(url)
    asked = []
    listen = lambda _connection, _cursor, statement, *_rest: asked.append(statement)  # noqa: E731
    event.listen(type(create_engine(url)), "before_cursor_execute", listen)
    try:
        open_database(url)
    finally:
        event.remove(type(create_engine(url)), "before_cursor_execute", listen)
    assert asked
    assert all(statement.lstrip().startswith(("SELECT", "PRAGMA", "select", "show")) for statement in asked), asked
