"""Limits of feedback per answer, customer and API key, so that one sender cannot outvote all others."""

import math
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from pipelines.store.tables import FEEDBACK, equals
from pipelines.store.votes import STANDING

# Standing rows on one answer: of one author, and of all authors together.
PER_AUTHOR, PER_ANSWER = 20, 200
# Rows within an hour, undone ones too. One key may send for all customers of a shop, or replay stored feedback.
PER_CUSTOMER, PER_KEY = 500, 50_000
HOUR = timedelta(hours=1)


class AnswerFull(ValueError):
    """An answer has the maximum of feedback; `limit` names the limit: author or answer."""

    def __init__(self, limit: str, most: int) -> None:
        self.limit = limit
        author = "of this author" if limit == "author" else "in all"
        super().__init__(f"this answer has {most} rows of feedback {author}, which is the limit: undo some first")


class SenderFull(ValueError):
    """A customer or a key has sent the maximum within an hour; the next row is accepted after `seconds`."""

    def __init__(self, limit: str, most: int, seconds: int) -> None:
        self.limit, self.seconds = limit, seconds
        super().__init__(
            f"this {limit} has sent {most:,} rows of feedback within an hour, which is the limit: send again after the "
            "seconds in `Retry-After`"
        )


def require(
    connection: Connection, prediction: str, api_key: str | None, customer: str | None, review: bool, now: datetime
) -> None:
    """Require room for one more row. Raises AnswerFull and SenderFull.

    The limit of an answer does not apply to a reviewer, who ends the dispute.
    """
    by_key, by_customer = equals(FEEDBACK.c.api_key, api_key), equals(FEEDBACK.c.customer, customer)
    standing = select(func.count()).where(FEEDBACK.c.prediction == prediction, STANDING)
    if not review and (connection.scalar(standing) or 0) >= PER_ANSWER:
        raise AnswerFull("answer", PER_ANSWER)
    if (connection.scalar(standing.where(by_key, by_customer)) or 0) >= PER_AUTHOR:
        raise AnswerFull("author", PER_AUTHOR)
    if customer is not None:
        _require_rate(connection, "customer", by_customer & by_key, PER_CUSTOMER, now)
    _require_rate(connection, "key", by_key, PER_KEY, now)


def _require_rate(connection: Connection, limit: str, sender: ColumnElement[bool], most: int, now: datetime) -> None:
    """Look for the row that is `most` rows old; an index holds a sender's rows by time."""
    recent = select(FEEDBACK.c.time).where(sender, FEEDBACK.c.time > now - HOUR)
    oldest = connection.scalar(recent.order_by(FEEDBACK.c.time.desc()).offset(most - 1).limit(1))
    if oldest is not None:
        raise SenderFull(limit, most, max(1, math.ceil((oldest + HOUR - now).total_seconds())))
