"""How content people say they are: the stars that came with feedback."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pipelines.store.lessons import JOINED
from pipelines.store.tables import FEEDBACK, PREDICTIONS


@dataclass(frozen=True)
class Ratings:
    """How many ratings there are, and their mean of 1 to 5; none without ratings."""

    count: int
    mean: float | None


def ratings(connection: Connection, model: str) -> Ratings:
    """Of everything that was said about a model's answers and stands."""
    rated = FEEDBACK.c.rating
    rows = select(func.count(rated), func.avg(rated)).select_from(JOINED).where(PREDICTIONS.c.model == model)
    count, mean = connection.execute(rows.where(rated.is_not(None), FEEDBACK.c.undone.is_(None))).one()
    return Ratings(count, None if mean is None else float(mean))
