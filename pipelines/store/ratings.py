"""How content people say they are: the stars that came with feedback."""

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from pipelines.store.tables import FEEDBACK, PREDICTIONS
from pipelines.store.votes import CUSTOMER, JOINED, STANDS

UNNAMED = case((CUSTOMER.is_(None), FEEDBACK.c.prediction))  # what tells raters apart that no customer names


@dataclass(frozen=True)
class Ratings:
    """How many raters there are, and the mean of theirs, of 1 to 5; none without ratings."""

    count: int
    mean: float | None


def ratings(connection: Connection, model: str) -> Ratings:
    """Of a model's answers. A customer within a key is one rater, whose ratings are averaged first.

    Where no customer is known, each rated answer is one. Of one author on one answer the newest rating counts.
    """
    author = FEEDBACK.c.prediction, FEEDBACK.c.api_key, CUSTOMER
    newest = func.row_number().over(partition_by=author, order_by=FEEDBACK.c.id.desc())
    rater = FEEDBACK.c.api_key.label("key"), CUSTOMER.label("customer"), UNNAMED.label("answer")
    rated = select(FEEDBACK.c.rating, newest.label("place"), *rater).select_from(JOINED)
    # The concatenation keeps SQLite from beginning with all predictions of the model.
    said = rated.where(FEEDBACK.c.rating.is_not(None), STANDS, PREDICTIONS.c.model.concat("") == model).subquery()
    last = select(func.avg(said.c.rating).label("mean")).where(said.c.place == 1)
    each = last.group_by(said.c.key, said.c.customer, said.c.answer).subquery()
    count, mean = connection.execute(select(func.count(), func.avg(each.c.mean))).one()
    return Ratings(count, None if mean is None else float(mean))
