"""The tables: predictions, feedback, rollouts, uses of test sets, keys, heads, leases (to change one: `schema`)."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Instant(TypeDecorator[datetime]):
    """A time in UTC, stored without its zone, as SQLite has none, and read with it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The time as naive UTC."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The stored time with its zone."""
        return value and value.replace(tzinfo=UTC)


def equals(column: ColumnElement[Any], value: object) -> ColumnElement[bool]:
    """The condition that a column equals a value or that both are NULL, in a form that uses an index."""
    return column.is_(None) if value is None else column == value


METADATA = MetaData()

# Alembic's table; its one row is the schema's revision.
VERSIONS = Table("needloop_version", METADATA, Column("version_num", String(32), primary_key=True))

PREDICTIONS = Table(
    "predictions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("time", Instant, nullable=False),
    Column("model", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", String(64), nullable=False, comment="SHA-256 of the normalised raw text"),
    Column("text", Text, nullable=False, comment="masked"),
    Column("label", Text, comment="the answer as a cell of its kind's target, where that has one"),
    Column("score", Float, comment="how sure the model was, where its kind says so"),
    Column("scores", JSON, key="payload", nullable=False, comment="what only the kind reads"),
    Column("customer", String(64), comment="keyed hash"),
    Column("abstained", Boolean, comment="whether nobody should act on it; NULL before this was asked"),
    Column("kind", String(40), nullable=False, server_default="classification", comment="of the model"),
    Index("predictions_by_key", "model", "key"),
    # The order of the pages, so that a late page costs no more than the first.
    Index("predictions_by_moment", "model", "time", "id"),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("time", Instant, nullable=False),
    Column("prediction", String(32), ForeignKey(PREDICTIONS.c.id), nullable=False, index=True),
    Column("idempotency_key", Text, unique=True),
    Column("digest", String(64), nullable=False, comment="SHA-256 of what was said"),
    Column("label", Text),
    Column("correct", Boolean),
    Column("rating", Integer),
    Column("comment", Text, comment="masked"),
    Column("undone", Instant, comment="when it was taken back: it stays, says nothing and is never learnt from"),
    Column("api_key", String(64), comment="id of the key it came with"),
    Column("customer", String(64), comment="keyed hash of its author; the prediction's customer before this was kept"),
    Column("review", Boolean, comment="whether a reviewer said it, and not a customer"),
    Column("set_aside", Instant, comment="since when it says nothing; NULL again when it is restored"),
    Column("none_fits", Boolean, comment="whether it says that none of what the model can answer is right"),
    Column("reason", Text, comment="why it is set aside, where a run did it; NULL where a person did"),
    # The rows of one sender, newest last: for the limits, and to list and undo them.
    Index("feedback_by_api_key", "api_key", "time"),
    Index("feedback_by_customer", "customer", "time"),
    # Retraining records the last id it has read, so an id must never be reused.
    sqlite_autoincrement=True,
)

Index(
    "feedback_set_aside",
    FEEDBACK.c.set_aside,
    sqlite_where=FEEDBACK.c.set_aside.is_not(None),
    postgresql_where=FEEDBACK.c.set_aside.is_not(None),
)

TALLIES = Table(
    "tallies",
    METADATA,
    Column("trial", String(64), primary_key=True, comment="hash of the ledger's entry that began it"),
    Column("what", String(20), primary_key=True),
    Column("who", Text, primary_key=True, comment="whose answers, or of which label"),
    Column("tries", Integer, nullable=False),
    Column("hits", Integer, nullable=False),
)

SHADOWS = Table(
    "shadows",
    METADATA,
    Column("prediction", String(32), ForeignKey(PREDICTIONS.c.id), primary_key=True),
    Column("trial", String(64), nullable=False, comment="hash of the ledger's entry that began it"),
    Column("label", Text),
    Column("score", Float),
)

USES = Table(
    "uses",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("time", Instant, nullable=False),
    Column("split", String(64), nullable=False, index=True, comment="digest of the held-out snapshot"),
    Column("model", String(40), nullable=False),
    Column("purpose", Text, nullable=False, comment="which version was judged, or what was measured"),
)

KEYS = Table(
    "keys",
    METADATA,
    Column("id", String(12), primary_key=True, comment="the part of the secret that may be shown"),
    Column("name", String(60), nullable=False),
    Column("scopes", Text, nullable=False, comment="with a space between two"),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the secret"),
    Column("created", Instant, nullable=False),
    Column("revoked", Instant),
)
# A revoked key keeps its name for readers of old logs; a new key may have the same name.
Index(
    "keys_by_name",
    KEYS.c.name,
    unique=True,
    sqlite_where=KEYS.c.revoked.is_(None),
    postgresql_where=KEYS.c.revoked.is_(None),
)

HEADS = Table(
    "heads",
    METADATA,
    Column("home", String(64), primary_key=True, comment="keyed hash: whoever has the home's key finds it"),
    Column("entries", Integer, nullable=False),
    Column("hash", String(64), nullable=False, comment="of the last entry"),
    Column("time", Instant, nullable=False),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("token", String(32), nullable=False, comment="one holding: nobody else's writes match it"),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Float, nullable=False, comment="of the process, in seconds since the host's boot"),
    Column("since", Instant, nullable=False),
    Column("expires", Float, nullable=False, comment="unless its heart beats, in seconds of the database's clock"),
)
