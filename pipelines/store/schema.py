"""Which schema a database has, and its migration to this program's by Alembic.

To change the schema: change `tables.py`; add `migrations/versions/rNNNN_SLUG.py` with `revision = "NNNN"`, as
`down_revision` the revision before it, and an `upgrade()` of `op.add_column` and the like, in SQLite and PostgreSQL
alike; set `REVISION`. New columns allow NULL or have a server default: a program from before may write beside this one.
A revision that was released never changes. `tests/pipelines/store/test_migrations.py` holds all of that together.
"""

from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, inspect, select

from pipelines.store.tables import VERSIONS

REVISION = "0004"
MIGRATIONS = Path(__file__).with_name("migrations")
# Alembic keeps its context in module globals.
_MIGRATING = Lock()


class NewerDatabase(RuntimeError):
    """A database that a newer version of the program has migrated."""


def up_to_date(connection: Connection) -> bool:
    """Whether the database has this program's schema: one row is compared, and Alembic is not imported."""
    return inspect(connection).has_table(VERSIONS.name) and connection.scalar(select(VERSIONS)) == REVISION


def migrate(connection: Connection) -> None:
    """Bring an empty database, or one of any version before, up to date within the transaction of `connection`.

    The caller holds a lock that all processes share. Raises NewerDatabase.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _MIGRATING:
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise NewerDatabase(_newer(connection)) from error


def _newer(connection: Connection) -> str:
    found, url = connection.scalar(select(VERSIONS)), connection.engine.url
    name = url.database if url.drivername.startswith("sqlite") else url.render_as_string(hide_password=True)
    return (
        f"{name} has the schema {found} of a newer needloop, this one knows those up to {REVISION}: "
        "install the newer version, or put a backup from before the upgrade back"
    )
