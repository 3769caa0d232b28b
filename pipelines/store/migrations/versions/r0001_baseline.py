"""The schema before it had revisions; also completes databases from that time with any of its tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the missing tables, columns and indexes."""
    _predictions()
    _feedback()
    _trials()
    _uses()
    _keys()
    _leases()


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("time", sa.DateTime, nullable=False),
        sa.Column("model", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False, comment="SHA-256 of the normalised raw text"),
        sa.Column("text", sa.Text, nullable=False, comment="masked"),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("scores", sa.JSON, nullable=False),
        sa.Column("customer", sa.String(64), comment="keyed hash"),
        if_not_exists=True,
    )
    _add(
        "predictions",
        sa.Column("abstained", sa.Boolean, comment="whether nobody should act on it; NULL before this was asked"),
    )
    op.create_index("predictions_by_key", "predictions", ["model", "key"], if_not_exists=True)
    op.create_index("predictions_by_moment", "predictions", ["model", "time", "id"], if_not_exists=True)
    op.drop_index("predictions_by_time", "predictions", if_exists=True)


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("time", sa.DateTime, nullable=False),
        sa.Column("prediction", sa.String(32), sa.ForeignKey("predictions.id"), nullable=False),
        sa.Column("idempotency_key", sa.Text, unique=True),
        sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 of what was said"),
        sa.Column("label", sa.Text),
        sa.Column("correct", sa.Boolean),
        sa.Column("rating", sa.Integer),
        sa.Column("comment", sa.Text, comment="masked"),
        # Retraining records the last id it has read, so an id must never be reused.
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    taken_back = "when it was taken back: it stays, says nothing and is never learnt from"
    _add("feedback", sa.Column("undone", sa.DateTime, comment=taken_back))
    op.create_index("ix_feedback_prediction", "feedback", ["prediction"], if_not_exists=True)


def _trials() -> None:
    began = "hash of the ledger's entry that began it"
    op.create_table(
        "tallies",
        sa.Column("trial", sa.String(64), primary_key=True, comment=began),
        sa.Column("what", sa.String(20), primary_key=True),
        sa.Column("who", sa.Text, primary_key=True, comment="whose answers, or of which label"),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "shadows",
        sa.Column("prediction", sa.String(32), sa.ForeignKey("predictions.id"), primary_key=True),
        sa.Column("trial", sa.String(64), nullable=False, comment=began),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        if_not_exists=True,
    )


def _uses() -> None:
    op.create_table(
        "uses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("time", sa.DateTime, nullable=False),
        sa.Column("split", sa.String(64), nullable=False, comment="digest of the held-out snapshot"),
        sa.Column("model", sa.String(40), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False, comment="which version was judged, or what was measured"),
        if_not_exists=True,
    )
    op.create_index("ix_uses_split", "uses", ["split"], if_not_exists=True)


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(12), primary_key=True, comment="the part of the secret that may be shown"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False, comment="with a space between two"),
        sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("revoked", sa.DateTime),
        if_not_exists=True,
    )
    valid = sa.text("revoked IS NULL")
    op.create_index(
        "keys_by_name", "keys", ["name"], unique=True, sqlite_where=valid, postgresql_where=valid, if_not_exists=True
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("token", sa.String(32), nullable=False, comment="one holding: nobody else's writes match it"),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started", sa.Float, nullable=False, comment="of the process, in seconds since the host's boot"),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column(
            "expires", sa.Float, nullable=False, comment="unless its heart beats, in seconds of the database's clock"
        ),
        if_not_exists=True,
    )


def _add(table: str, column: "sa.Column[Any]") -> None:
    """Add a column if the table lacks it; SQLite has no ADD COLUMN IF NOT EXISTS."""
    if column.name not in {existing["name"] for existing in sa.inspect(op.get_bind()).get_columns(table)}:
        op.add_column(table, column)
