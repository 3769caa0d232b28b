"""How much feedback one answer, one customer and one key may add: enough for people, too little to drown others."""

import math
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from pipelines.store.tables import FEEDBACK, same
from pipelines.store.votes import STANDS

# What stands of one author on one answer, and of all authors together.
PER_AUTHOR, PER_ANSWER = 20, 200
# Within an hour, taken back or not. A key sends for all customers of a shop, and replays what was kept elsewhere.
PER_CUSTOMER, PER_KEY = 500, 50_000
HOUR = timedelta(hours=1)


class AnswerFull(ValueError):
    """An answer that has as much feedback as one may have; `limit` is whose: author or answer."""

    def __init__(self, limit: str, most: int) -> None:
        self.limit = limit
        whose = "of this author" if limit == "author" else "in all"
        super().__init__(f"this answer has {most} rows of feedback {whose}, and no more is kept: take some back first")


class SenderFull(ValueError):
    """A customer or a key that sent too much within an hour; `seconds` until the next is kept."""

    def __init__(self, limit: str, most: int, seconds: int) -> None:
        self.limit, self.seconds = limit, seconds
        super().__init__(
            f"this {limit} has sent {most:,} rows of feedback within an hour: send again after the seconds in "
            "`Retry-After`"
        )


def require(
    connection: Connection, prediction: str, api_key: str | None, customer: str | None, review: bool, now: datetime
) -> None:
    """Room for one row more. Raises AnswerFull and SenderFull.

    What others said of an answer leaves room for a reviewer, who ends the dispute.
    """
    keyed, named = same(FEEDBACK.c.api_key, api_key), same(FEEDBACK.c.customer, customer)
    standing = select(func.count()).where(FEEDBACK.c.prediction == prediction, STANDS)
    if not review and (connection.scalar(standing) or 0) >= PER_ANSWER:
        raise AnswerFull("answer", PER_ANSWER)
    if (connection.scalar(standing.where(keyed, named)) or 0) >= PER_AUTHOR:
        raise AnswerFull("author", PER_AUTHOR)
    if customer is not None:
        _require_calm(connection, "customer", named & keyed, PER_CUSTOMER, now)
    _require_calm(connection, "key", keyed, PER_KEY, now)


def _require_calm(connection: Connection, limit: str, sent: ColumnElement[bool], most: int, now: datetime) -> None:
    """Looks for the row that is `most` rows old: an index holds a sender's rows by their time."""
    recent = select(FEEDBACK.c.time).where(sent, FEEDBACK.c.time > now - HOUR)
    oldest = connection.scalar(recent.order_by(FEEDBACK.c.time.desc()).offset(most - 1).limit(1))
    if oldest is not None:
        raise SenderFull(limit, most, max(1, math.ceil((oldest + HOUR - now).total_seconds())))
