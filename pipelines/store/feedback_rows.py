"""Feedback on predictions, recorded once per idempotency key."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from pipelines.store import quota
from pipelines.store.tables import FEEDBACK, PREDICTIONS

OPTIONAL_FIELDS = ("customer", "none_fits")  # fields added later: left out of the digest if empty


class UnknownPrediction(LookupError):
    """Feedback on a prediction that does not exist."""


class UnknownFeedback(LookupError):
    """An id that no feedback has."""


class KeyReused(ValueError):
    """An idempotency key that was used for other feedback."""


@dataclass(frozen=True)
class Feedback:
    """Feedback on one prediction: the right label, right or wrong, 1 to 5 stars, a masked comment.

    `customer` is the keyed hash of its author, if the sender names one; `none_fits` is true if no answer of the model
    is right.
    """

    prediction: str
    label: str | None = None
    correct: bool | None = None
    rating: int | None = None
    comment: str | None = None
    customer: str | None = None
    none_fits: bool | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the fields, in 64 hexadecimal digits; empty fields of OPTIONAL_FIELDS do not change it."""
        fields = {
            name: value for name, value in asdict(self).items() if name not in OPTIONAL_FIELDS or value is not None
        }
        return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """The sender of feedback: the id of its API key, and `review` if a reviewer sends it."""

    api_key: str | None = None
    review: bool = False


UNKNOWN = Origin()


@dataclass(frozen=True)
class Receipt:
    """The receipt of recorded feedback; `created` is false if it was recorded before."""

    id: int
    model: str
    created: bool


def add(connection: Connection, feedback: Feedback, idempotency_key: str | None, origin: Origin = UNKNOWN) -> Receipt:
    """Record feedback, or find the row with the same idempotency key. Raises AnswerFull and SenderFull.

    Its author is the customer that it names, else the author of the message; a reviewer is not a customer.
    """
    if idempotency_key is not None and (receipt := _earlier(connection, feedback, idempotency_key)):
        return receipt
    columns = select(PREDICTIONS.c.model, PREDICTIONS.c.customer).where(PREDICTIONS.c.id == feedback.prediction)
    answer = connection.execute(columns).one_or_none()
    if answer is None:
        raise UnknownPrediction(f"no prediction {feedback.prediction!r}: send the `id` that came with the answer")
    time, author = datetime.now(UTC), feedback.customer or (None if origin.review else answer.customer)
    quota.require(connection, feedback.prediction, origin.api_key, author, origin.review, time)
    values = {"time": time, "idempotency_key": idempotency_key, "digest": feedback.digest, **asdict(origin)}
    fields = asdict(feedback) | {"customer": author}
    row = connection.execute(insert(FEEDBACK).values(**fields, **values).returning(FEEDBACK.c.id))
    return Receipt(row.scalar_one(), answer.model, created=True)


def undo(connection: Connection, id: int) -> datetime:
    """Undo a feedback row for good; returns the time of the first undo. Raises UnknownFeedback.

    The row stays with its id and its key: sending it again finds this row, and it is still not learnt.
    """
    row = FEEDBACK.c.id == id
    connection.execute(update(FEEDBACK).where(row, FEEDBACK.c.undone.is_(None)).values(undone=datetime.now(UTC)))
    undone: datetime | None = connection.scalar(select(FEEDBACK.c.undone).where(row))
    if undone is None:
        raise UnknownFeedback(f"no feedback {id}: send the `id` of the receipt")
    return undone


def _earlier(connection: Connection, feedback: Feedback, idempotency_key: str) -> Receipt | None:
    columns = select(FEEDBACK.c.id, FEEDBACK.c.digest, PREDICTIONS.c.model).join_from(FEEDBACK, PREDICTIONS)
    first = connection.execute(columns.where(FEEDBACK.c.idempotency_key == idempotency_key)).one_or_none()
    if first and first.digest != feedback.digest:
        raise KeyReused("this Idempotency-Key was already used for other feedback: send a new key")
    return Receipt(first.id, first.model, created=False) if first else None
