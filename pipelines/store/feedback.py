"""What people say about an answer, kept once however often it is sent."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from pipelines.store.tables import FEEDBACK, PREDICTIONS


class UnknownPrediction(LookupError):
    """Feedback on an answer that was never given."""


class UnknownFeedback(LookupError):
    """An id that no feedback has."""


class KeyReused(ValueError):
    """An idempotency key that already stands for other feedback."""


@dataclass(frozen=True)
class Feedback:
    """A reaction to one prediction: the right label, whether it was right, 1 to 5 stars, a masked comment."""

    prediction: str
    label: str | None = None
    correct: bool | None = None
    rating: int | None = None
    comment: str | None = None

    @property
    def teaches(self) -> bool:
        """Whether a label follows from it: a bare `correct=False`, a rating or a comment names none."""
        return self.label is not None or self.correct is True

    @property
    def digest(self) -> str:
        """64 hexadecimal digits, equal only for equal feedback."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """Proof that feedback is kept; `created` is false where it had been kept before."""

    id: int
    model: str
    created: bool


def add(connection: Connection, feedback: Feedback, idempotency_key: str | None) -> Receipt:
    """Keep feedback, or find what the same key has kept before."""
    if idempotency_key is not None and (receipt := _kept(connection, feedback, idempotency_key)):
        return receipt
    model = connection.scalar(select(PREDICTIONS.c.model).where(PREDICTIONS.c.id == feedback.prediction))
    if model is None:
        raise UnknownPrediction(f"no prediction {feedback.prediction!r}: send the `id` that came with the answer")
    values = {"time": datetime.now(UTC), "idempotency_key": idempotency_key, "digest": feedback.digest}
    row = connection.execute(insert(FEEDBACK).values(**asdict(feedback), **values).returning(FEEDBACK.c.id))
    return Receipt(row.scalar_one(), model, created=True)


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
