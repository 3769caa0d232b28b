"""The schema's revision, and the migration of a database to it by Alembic.

To change the schema: change `tables.py`; add `migrations/versions/rNNNN_SLUG.py` with `revision = "NNNN"`, the previous
revision as `down_revision`, and an `upgrade()` of `op.add_column` and the like, for both SQLite and PostgreSQL; set
`REVISION`. New columns allow NULL or have a server default, as an older version of the program may write at the same
time. A released revision never changes. `tests/pipelines/store/test_migrations.py` checks these rules.
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
    """The database was migrated by a newer version of the program."""


def up_to_date(connection: Connection) -> bool:
    """True if the database has this program's schema; compares one row and does not import Alembic."""
    return inspect(connection).has_table(VERSIONS.name) and connection.scalar(select(VERSIONS)) == REVISION


def migrate(connection: Connection) -> None:
    """Migrate a database, empty or of any earlier version, within the transaction of `connection`.

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
    revision, url = connection.scalar(select(VERSIONS)), connection.engine.url
    name = url.database if url.drivername.startswith("sqlite") else url.render_as_string(hide_password=True)
    return (
        f"{name} has the schema {revision} of a newer needloop; this version supports schemas up to {REVISION}: "
        "install the newer version, or restore a backup from before the upgrade"
    )
