"""The last ledger entries that this database saw."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One row per home."""
    op.create_table(
        "heads",
        sa.Column("home", sa.String(64), primary_key=True, comment="keyed hash: whoever has the home's key finds it"),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, comment="of the last entry"),
        sa.Column("time", sa.DateTime, nullable=False),
    )
