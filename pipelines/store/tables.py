"""The tables: predictions and feedback, trials, uses of held-out texts, API keys, and who holds which lease."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
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
    """A moment in UTC: SQLite forgets the zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The same moment as naive UTC."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The stored moment, zone and all."""
        return value and value.replace(tzinfo=UTC)


METADATA = MetaData()

PREDICTIONS = Table(
    "predictions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("time", Instant, nullable=False),
    Column("model", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("key", String(64), nullable=False, comment="SHA-256 of the normalised raw text"),
    Column("text", Text, nullable=False, comment="masked"),
    Column("label", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("customer", String(64), comment="keyed hash"),
    Column("abstained", Boolean, comment="whether nobody should act on it; NULL before this was asked"),
    Index("predictions_by_key", "model", "key"),
    # In the order in which people page through them: a page deep down costs what the first does.
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
    # Retraining remembers the last id it has seen, so an id must never come back.
    sqlite_autoincrement=True,
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
    Column("label", Text, nullable=False),
    Column("score", Float, nullable=False),
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
# A revoked key keeps its name for those who read old logs, and leaves it free for a new one.
Index(
    "keys_by_name",
    KEYS.c.name,
    unique=True,
    sqlite_where=KEYS.c.revoked.is_(None),
    postgresql_where=KEYS.c.revoked.is_(None),
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
