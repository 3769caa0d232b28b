"""Labelled feedback: one label per text, decided by votes; a tied text has none until a reviewer decides."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pipelines.store.tables import FEEDBACK, PREDICTIONS
from pipelines.store.votes import ANY_LABEL, JOINED, NONE_FITS, AllowedCells, Sender, has_label, majority_labels


@dataclass(frozen=True)
class LabelledText:
    """A masked text with its voted label; `key` identifies the text, `feedback` is the newest row for that label.

    `customer` is the keyed hash of the author of the text, or None if unknown.
    """

    key: str
    text: str
    label: str
    feedback: int
    customer: str | None = None


def labelled_texts(
    connection: Connection, model: str, vocabulary: AllowedCells, without: Sender | None = None
) -> list[LabelledText]:
    """The texts of a model with a voted label of `vocabulary`, in the order of their feedback.

    Feedback of the sender `without` is left out.
    """
    won = majority_labels(model, vocabulary, without=without)
    rows = select(won.c.key, PREDICTIONS.c.text, won.c.label, won.c.feedback, PREDICTIONS.c.customer)
    rows = rows.select_from(won.join(FEEDBACK, FEEDBACK.c.id == won.c.feedback).join(PREDICTIONS))
    rows = rows.where(won.c.tie == 1, won.c.label != NONE_FITS).order_by(won.c.feedback)
    return [LabelledText(*row) for row in connection.execute(rows)]


def count(connection: Connection, model: str, after: int) -> int:
    """The number of feedback rows with a label after the row `after`."""
    rows = select(func.count()).select_from(JOINED).where(has_label(model, ANY_LABEL), FEEDBACK.c.id > after)
    return connection.scalar(rows) or 0


def pending_labels(connection: Connection, model: str, vocabulary: AllowedCells, after: int) -> int:
    """The number of texts labelled since the feedback row `after`, as retraining counts them."""
    # Only texts with feedback since then: all other votes are older.
    new = select(PREDICTIONS.c.key).select_from(JOINED).where(has_label(model, vocabulary), FEEDBACK.c.id > after)
    won = majority_labels(model, vocabulary, PREDICTIONS.c.key.in_(new) if after else None)
    labelled = select(func.count()).where(won.c.tie == 1, won.c.label != NONE_FITS, won.c.feedback > after)
    return connection.scalar(labelled) or 0


def ties(connection: Connection, model: str, vocabulary: AllowedCells, without: Sender | None = None) -> int:
    """The number of texts whose vote is tied, so that they are not learnt."""
    won = majority_labels(model, vocabulary, without=without)
    return connection.scalar(select(func.count()).where(won.c.tie > 1)) or 0


def last(connection: Connection, model: str) -> int:
    """The id of the newest feedback row with a label; 0 if there is none."""
    return (
        connection.scalar(select(func.max(FEEDBACK.c.id)).select_from(JOINED).where(has_label(model, ANY_LABEL))) or 0
    )
