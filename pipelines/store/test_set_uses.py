"""Uses of a held-out split, counted because each use makes its scores a little less independent."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from pipelines.store.tables import USES


def record(connection: Connection, split: str, model: str, purpose: str) -> int:
    """Record one use of a split before it happens; returns the number of uses, this one included."""
    connection.execute(insert(USES).values(time=datetime.now(UTC), split=split, model=model, purpose=purpose))
    return connection.scalar(select(func.count()).select_from(USES).where(USES.c.split == split)) or 0


def list_uses(connection: Connection, split: str) -> list[tuple[datetime, str]]:
    """Time and purpose of each use of a split, in order."""
    rows = select(USES.c.time, USES.c.purpose).where(USES.c.split == split).order_by(USES.c.id)
    return [(row.time, row.purpose) for row in connection.execute(rows)]
