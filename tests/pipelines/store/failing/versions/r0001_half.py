"""Adds a column, then fails."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.add_column("predictions", sa.Column("abstained", sa.Boolean))
    _ = 1 / 0
