"""Feedback gets its sender, and can be set aside; older rows have neither key nor customer of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and the indexes of a sender's rows."""
    author = "keyed hash of its author; the prediction's customer before this was kept"
    since = "since when it says nothing; NULL again when it is restored"
    columns = (
        sa.Column("api_key", sa.String(64), comment="id of the key it came with"),
        sa.Column("customer", sa.String(64), comment=author),
        sa.Column("review", sa.Boolean, comment="whether a reviewer said it, and not a customer"),
        sa.Column("set_aside", sa.DateTime, comment=since),
        sa.Column("reason", sa.Text, comment="why it is set aside, where a run did it; NULL where a person did"),
    )
    for column in columns:
        op.add_column("feedback", column)
    op.create_index("feedback_by_api_key", "feedback", ["api_key", "time"])
    op.create_index("feedback_by_customer", "feedback", ["customer", "time"])
    aside = sa.text("set_aside IS NOT NULL")
    op.create_index("feedback_set_aside", "feedback", ["set_aside"], sqlite_where=aside, postgresql_where=aside)
