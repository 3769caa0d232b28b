"""What feedback teaches: one label per text, decided by votes; a tie teaches nothing until a reviewer ends it."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pipelines.store.tables import FEEDBACK, PREDICTIONS
from pipelines.store.votes import ANY, JOINED, NOTHING, Sender, Vocabulary, decided, teaches


@dataclass(frozen=True)
class LabelledText:
    """A masked text with the label people gave it; `key` is its identity, `feedback` the newest row that says so.

    `customer` is the keyed hash of who wrote it, where that is known.
    """

    key: str
    text: str
    label: str
    feedback: int
    customer: str | None = None


def learnable(
    connection: Connection, model: str, vocabulary: Vocabulary, without: Sender | None = None
) -> list[LabelledText]:
    """One lesson per text of the model that people gave a label of `vocabulary`, in the order it was taught.

    What the sender `without` said is left out, as if it had never been said.
    """
    won = decided(model, vocabulary, without=without)
    rows = select(won.c.key, PREDICTIONS.c.text, won.c.label, won.c.feedback, PREDICTIONS.c.customer)
    told = rows.select_from(won.join(FEEDBACK, FEEDBACK.c.id == won.c.feedback).join(PREDICTIONS))
    told = told.where(won.c.tie == 1, won.c.label != NOTHING).order_by(won.c.feedback)
    return [LabelledText(*row) for row in connection.execute(told)]


def count(connection: Connection, model: str, after: int) -> int:
    """How many feedback rows younger than the row `after` name a label."""
    rows = select(func.count()).select_from(JOINED).where(teaches(model, ANY), FEEDBACK.c.id > after)
    return connection.scalar(rows) or 0


def waiting(connection: Connection, model: str, vocabulary: Vocabulary, after: int) -> int:
    """Count the texts that got a label of `vocabulary` since the feedback row `after`, as retraining counts them."""
    # Only texts that somebody spoke of since then: everything else was voted on before.
    new = select(PREDICTIONS.c.key).select_from(JOINED).where(teaches(model, vocabulary), FEEDBACK.c.id > after)
    won = decided(model, vocabulary, PREDICTIONS.c.key.in_(new) if after else None)
    taught = select(func.count()).where(won.c.tie == 1, won.c.label != NOTHING, won.c.feedback > after)
    return connection.scalar(taught) or 0


def ties(connection: Connection, model: str, vocabulary: Vocabulary, without: Sender | None = None) -> int:
    """How many texts have as many votes for one label as for another, so that none is learnt."""
    won = decided(model, vocabulary, without=without)
    return connection.scalar(select(func.count()).where(won.c.tie > 1)) or 0


def last(connection: Connection, model: str) -> int:
    """The id of the youngest feedback row that names a label, 0 before the first."""
    return connection.scalar(select(func.max(FEEDBACK.c.id)).select_from(JOINED).where(teaches(model, ANY))) or 0
