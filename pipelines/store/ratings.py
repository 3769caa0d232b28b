"""Ratings: the stars of feedback, averaged over raters."""

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from pipelines.store.tables import FEEDBACK, PREDICTIONS
from pipelines.store.votes import CUSTOMER, JOINED, STANDING

UNNAMED = case((CUSTOMER.is_(None), FEEDBACK.c.prediction))  # the prediction stands for an unknown rater


@dataclass(frozen=True)
class Ratings:
    """The number of raters and the mean of their ratings, 1 to 5; None without ratings."""

    count: int
    mean: float | None


def ratings(connection: Connection, model: str) -> Ratings:
    """The ratings of a model's answers. A customer within a key is one rater, whose ratings are averaged first.

    Without a known customer each rated answer is a rater. Of one author on one answer the newest rating counts.
    """
    author = FEEDBACK.c.prediction, FEEDBACK.c.api_key, CUSTOMER
    newest = func.row_number().over(partition_by=author, order_by=FEEDBACK.c.id.desc())
    rater = FEEDBACK.c.api_key.label("key"), CUSTOMER.label("customer"), UNNAMED.label("answer")
    rated = select(FEEDBACK.c.rating, newest.label("place"), *rater).select_from(JOINED)
    # The concatenation keeps SQLite from scanning all predictions of the model first.
    rows = rated.where(FEEDBACK.c.rating.is_not(None), STANDING, PREDICTIONS.c.model.concat("") == model).subquery()
    last = select(func.avg(rows.c.rating).label("mean")).where(rows.c.place == 1)
    raters = last.group_by(rows.c.key, rows.c.customer, rows.c.answer).subquery()
    count, mean = connection.execute(select(func.count(), func.avg(raters.c.mean))).one()
    return Ratings(count, None if mean is None else float(mean))
