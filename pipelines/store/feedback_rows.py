"""What people say about an answer, kept once however often it is sent."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from pipelines.store import quota
from pipelines.store.tables import FEEDBACK, PREDICTIONS

LATER = ("customer", "none_fits")  # fields that feedback did not always have


class UnknownPrediction(LookupError):
    """Feedback on an answer that was never given."""


class UnknownFeedback(LookupError):
    """An id that no feedback has."""


class KeyReused(ValueError):
    """An idempotency key that already stands for other feedback."""


@dataclass(frozen=True)
class Feedback:
    """A reaction to one prediction: the right label, whether it was right, 1 to 5 stars, a masked comment.

    `customer` is the keyed hash of its author, where the sender names one; `none_fits` says that none of what the model
    can answer is right.
    """

    prediction: str
    label: str | None = None
    correct: bool | None = None
    rating: int | None = None
    comment: str | None = None
    customer: str | None = None
    none_fits: bool | None = None

    @property
    def teaches(self) -> bool:
        """Whether a label follows from it: a bare `correct=False`, a rating or a comment names none."""
        return self.label is not None or self.correct is True

    @property
    def digest(self) -> str:
        """64 hexadecimal digits, equal only for equal feedback; of what could be said before, those of before."""
        said = {name: value for name, value in asdict(self).items() if name not in LATER or value is not None}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """Which API key feedback came with, by its id; whether its holder says so as a reviewer."""

    api_key: str | None = None
    review: bool = False


UNKNOWN = Origin()


@dataclass(frozen=True)
class Receipt:
    """Proof that feedback is kept; `created` is false where it had been kept before."""

    id: int
    model: str
    created: bool


def add(connection: Connection, feedback: Feedback, idempotency_key: str | None, origin: Origin = UNKNOWN) -> Receipt:
    """Keep feedback, or find what the same idempotency key has kept before. Raises AnswerFull and SenderFull.

    Its author is the customer that it names, else who wrote the message; a reviewer is no customer.
    """
    if idempotency_key is not None and (receipt := _kept(connection, feedback, idempotency_key)):
        return receipt
    columns = select(PREDICTIONS.c.model, PREDICTIONS.c.customer).where(PREDICTIONS.c.id == feedback.prediction)
    answer = connection.execute(columns).one_or_none()
    if answer is None:
        raise UnknownPrediction(f"no prediction {feedback.prediction!r}: send the `id` that came with the answer")
    now, author = datetime.now(UTC), feedback.customer or (None if origin.review else answer.customer)
    quota.require(connection, feedback.prediction, origin.api_key, author, origin.review, now)
    values = {"time": now, "idempotency_key": idempotency_key, "digest": feedback.digest, **asdict(origin)}
    said = asdict(feedback) | {"customer": author}
    row = connection.execute(insert(FEEDBACK).values(**said, **values).returning(FEEDBACK.c.id))
    return Receipt(row.scalar_one(), answer.model, created=True)


def undo(connection: Connection, id: int) -> datetime:
    """Take feedback back for good; when that was, also if it was before. Raises UnknownFeedback.

    The row stays with its id and its key: whoever sends it once more finds it kept, and it still teaches nothing.
    """
    mine = FEEDBACK.c.id == id
    connection.execute(update(FEEDBACK).where(mine, FEEDBACK.c.undone.is_(None)).values(undone=datetime.now(UTC)))
    undone: datetime | None = connection.scalar(select(FEEDBACK.c.undone).where(mine))
    if undone is None:
        raise UnknownFeedback(f"no feedback {id}: send the `id` that came when it was kept")
    return undone


def _kept(connection: Connection, feedback: Feedback, idempotency_key: str) -> Receipt | None:
    columns = select(FEEDBACK.c.id, FEEDBACK.c.digest, PREDICTIONS.c.model).join_from(FEEDBACK, PREDICTIONS)
    first = connection.execute(columns.where(FEEDBACK.c.idempotency_key == idempotency_key)).one_or_none()
    if first and first.digest != feedback.digest:
        raise KeyReused("this Idempotency-Key already stands for other feedback: send a new key")
    return Receipt(first.id, first.model, created=False) if first else None
