"""The standing feedback on messages, the newest rows of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from pipelines.store.tables import FEEDBACK, KEYS, PREDICTIONS
from pipelines.store.votes import CUSTOMER, STANDING

# At most so many feedback rows of a message, the newest, and characters of a comment, so that a page stays small.
MAX_ROWS, MAX_COMMENT = 10, 1000


@dataclass(frozen=True)
class MessageFeedback:
    """Standing feedback with its author: a reviewer, or a customer by a keyed hash.

    Pages show the first digits of the hash. A comment is masked, and cut at MAX_COMMENT characters. `key` is the name
    of the sender's API key. `none` is true if no label fits.
    """

    id: int
    time: datetime
    label: str | None
    correct: bool | None
    rating: int | None
    comment: str | None
    key: str | None
    customer: str | None
    review: bool
    none: bool = False


def newest_feedback(connection: Connection, ids: Collection[str]) -> dict[str, tuple[list[MessageFeedback], int]]:
    """For each prediction, its newest feedback in order and the number of older rows."""
    about = FEEDBACK.c.prediction
    rows = (
        select(*(FEEDBACK.c[name] for name in ("prediction", "id", "time", "label", "correct", "rating")))
        .add_columns(func.substr(FEEDBACK.c.comment, 1, MAX_COMMENT + 1).label("comment"), KEYS.c.name.label("key"))
        .add_columns(CUSTOMER.label("customer"), func.coalesce(FEEDBACK.c.review, False).label("review"))
        .add_columns(func.coalesce(FEEDBACK.c.none_fits, False).label("none"))
        .add_columns(func.row_number().over(partition_by=about, order_by=FEEDBACK.c.id.desc()).label("place"))
        .add_columns(func.count().over(partition_by=about).label("all"))
        .select_from(FEEDBACK.join(PREDICTIONS).outerjoin(KEYS, KEYS.c.id == FEEDBACK.c.api_key))
        .where(FEEDBACK.c.prediction.in_(ids), STANDING)
        .subquery()
    )
    feedback: dict[str, tuple[list[MessageFeedback], int]] = {}
    for row in connection.execute(select(rows).where(rows.c.place <= MAX_ROWS).order_by(rows.c.id)):
        prediction, id, time, label, correct, rating, comment, *author, _, total = row
        newest, _ = feedback.setdefault(prediction, ([], max(0, total - MAX_ROWS)))
        newest.append(MessageFeedback(id, time, label, correct, rating, _cut(comment), *author))
    return feedback


def _cut(comment: str | None) -> str | None:
    return f"{comment[:MAX_COMMENT]}\u2026" if comment and len(comment) > MAX_COMMENT else comment
