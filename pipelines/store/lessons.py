"""What feedback teaches: one label per text, the newest word on it; what was taken back teaches nothing."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from pipelines.store.tables import FEEDBACK, PREDICTIONS

# A label somebody named, or the predicted one somebody confirmed; NULL where neither was said, or it was taken back.
SAID = func.coalesce(FEEDBACK.c.label, case((FEEDBACK.c.correct.is_(True), PREDICTIONS.c.label)))
TAUGHT = case((FEEDBACK.c.undone.is_(None), SAID))
JOINED = FEEDBACK.join(PREDICTIONS)


@dataclass(frozen=True)
class Lesson:
    """A masked text with the label people gave it; `key` is its identity, `feedback` the row that says so.

    `customer` is the keyed hash of who wrote it, where that is known.
    """

    key: str
    text: str
    label: str
    feedback: int
    customer: str | None = None


def learnable(connection: Connection, model: str, labels: Collection[str]) -> list[Lesson]:
    """One lesson per text of the model whose label is still among `labels`, in the order it was taught."""
    newest_first = func.row_number().over(partition_by=PREDICTIONS.c.key, order_by=FEEDBACK.c.id.desc())
    said = (
        select(PREDICTIONS.c.key, PREDICTIONS.c.text, TAUGHT.label("label"), FEEDBACK.c.id.label("feedback"))
        .add_columns(PREDICTIONS.c.customer, newest_first.label("place"))
        .select_from(JOINED)
        .where(PREDICTIONS.c.model == model, TAUGHT.in_(list(labels)))
        .subquery()
    )
    newest = select(said.c.key, said.c.text, said.c.label, said.c.feedback, said.c.customer).where(said.c.place == 1)
    return [Lesson(*row) for row in connection.execute(newest.order_by(said.c.feedback))]


def count(connection: Connection, model: str, after: int) -> int:
    """How many feedback rows younger than the row `after` teach a label."""
    rows = select(func.count()).select_from(JOINED).where(PREDICTIONS.c.model == model, TAUGHT.is_not(None))
    return connection.scalar(rows.where(FEEDBACK.c.id > after)) or 0


def waiting(connection: Connection, model: str, labels: Collection[str], after: int) -> int:
    """How many texts were taught a label of `labels` since the feedback row `after`: as retraining counts them."""
    rows = select(func.count(PREDICTIONS.c.key.distinct())).select_from(JOINED)
    new = rows.where(FEEDBACK.c.id > after, PREDICTIONS.c.model == model, TAUGHT.in_(list(labels)))
    return connection.scalar(new) or 0


def last(connection: Connection, model: str) -> int:
    """The id of the youngest feedback row that teaches a label, 0 before the first."""
    rows = select(func.max(FEEDBACK.c.id)).select_from(JOINED)
    return connection.scalar(rows.where(PREDICTIONS.c.model == model, TAUGHT.is_not(None))) or 0
