"""Predictions get their kind, which may have neither label nor score; older rows are classifications."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the kind, and allow empty labels and scores, for which SQLite copies the two tables."""
    kind = sa.Column("kind", sa.String(40), nullable=False, server_default="classification", comment="of the model")
    none = "whether it says that none of what the model can answer is right"
    op.add_column("predictions", kind)
    op.add_column("feedback", sa.Column("none_fits", sa.Boolean, comment=none))
    for table in ("predictions", "shadows"):
        with op.batch_alter_table(table) as altered:
            altered.alter_column("label", existing_type=sa.Text, nullable=True)
            altered.alter_column("score", existing_type=sa.Float, nullable=True)
