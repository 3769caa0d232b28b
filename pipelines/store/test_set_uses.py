"""How often a held-out split was looked at: each look makes its scores a little less of a surprise."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from pipelines.store.tables import USES


def use(connection: Connection, split: str, model: str, purpose: str) -> int:
    """Write a look down before it is taken; how many there were of this split, with this one."""
    connection.execute(insert(USES).values(time=datetime.now(UTC), split=split, model=model, purpose=purpose))
    return connection.scalar(select(func.count()).select_from(USES).where(USES.c.split == split)) or 0


def listed(connection: Connection, split: str) -> list[tuple[datetime, str]]:
    """When and for what a split was looked at, in order."""
    rows = select(USES.c.time, USES.c.purpose).where(USES.c.split == split).order_by(USES.c.id)
    return [(row.time, row.purpose) for row in connection.execute(rows)]
