"""Clean-up of feedback rows: listed, undone, set aside and restored."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, func, select, update

from pipelines.store import senders
from pipelines.store.database import writing
from pipelines.store.feedback_filter import ASIDE, FeedbackFilter
from pipelines.store.senders import SenderRows
from pipelines.store.tables import FEEDBACK, KEYS, PREDICTIONS
from pipelines.store.votes import CUSTOMER, JOINED, LABEL, STANDING, AllowedCells, Sender


@dataclass(frozen=True)
class FeedbackRow:
    """One row of feedback, with the masked text of its prediction, its sender and its state.

    `said` is the label that it names or confirms, `key` an API key's id, `name` that key's name, `customer` a keyed
    hash. `reason` is a run's reason to set it aside; `none` is true if no label fits.
    """

    id: int
    time: datetime
    model: str
    prediction: str
    text: str
    said: str | None
    correct: bool | None
    rating: int | None
    comment: str | None
    key: str | None
    name: str | None
    customer: str | None
    review: bool
    undone: datetime | None
    set_aside: datetime | None
    reason: str | None
    none: bool = False


@dataclass(frozen=True)
class CleanupTotals:
    """The numbers of rows of a filter: all, counted, undone, set aside."""

    rows: int
    standing: int
    undone: int
    set_aside: int


@dataclass(frozen=True)
class SetAsideRows:
    """Rows of a model that a run set aside together and that are still set aside."""

    model: str
    rows: int
    time: datetime
    reason: str


class FeedbackCleanup:
    """The feedback rows of one database; a change applies at once, in every service and the next retraining."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def key_ids(self, key: str) -> tuple[str, ...]:
        """The ids of all keys with this name, the revoked ones too, and `key` itself as a possible id."""
        with self._engine.connect() as connection:
            return (*connection.scalars(select(KEYS.c.id).where(KEYS.c.name == key)), key)

    def find(self, choice: FeedbackFilter, limit: int) -> list[FeedbackRow]:
        """The newest rows of a filter, the newest first."""
        columns = (
            FEEDBACK.c.id,
            FEEDBACK.c.time,
            PREDICTIONS.c.model,
            FEEDBACK.c.prediction,
            PREDICTIONS.c.text,
            LABEL,
        )
        opinion = (FEEDBACK.c.correct, FEEDBACK.c.rating, FEEDBACK.c.comment)
        author = (FEEDBACK.c.api_key, KEYS.c.name, CUSTOMER, func.coalesce(FEEDBACK.c.review, False))
        none = func.coalesce(FEEDBACK.c.none_fits, False)
        state = (FEEDBACK.c.undone, FEEDBACK.c.set_aside, FEEDBACK.c.reason, none)
        with_keys = JOINED.outerjoin(KEYS, KEYS.c.id == FEEDBACK.c.api_key)
        rows = select(*columns, *opinion, *author, *state).select_from(with_keys).where(choice.condition())
        with self._engine.connect() as connection:
            return [FeedbackRow(*row) for row in connection.execute(rows.order_by(FEEDBACK.c.id.desc()).limit(limit))]

    def count(self, choice: FeedbackFilter) -> CleanupTotals:
        """The totals of a filter."""
        rows = func.count()
        counts = (rows, rows.filter(STANDING), func.count(FEEDBACK.c.undone), rows.filter(ASIDE))
        with self._engine.connect() as connection:
            return CleanupTotals(
                *connection.execute(select(*counts).select_from(JOINED).where(choice.condition())).one()
            )

    def undo(self, choice: FeedbackFilter) -> int:
        """Undo rows for good; returns the number of rows changed."""
        return self._change(choice, FEEDBACK.c.undone.is_(None), undone=datetime.now(UTC))

    def set_aside(self, choice: FeedbackFilter, reason: str | None = None) -> int:
        """Set rows aside until they are restored; returns the number of rows changed. `reason` is a run's."""
        return self._change(choice, STANDING, set_aside=datetime.now(UTC), reason=reason)

    def restore(self, choice: FeedbackFilter) -> int:
        """Let rows count again; returns the number of rows changed."""
        return self._change(choice, ASIDE, set_aside=None, reason=None)

    def set_sender_aside(self, model: str, sender: Sender, reason: str) -> int:
        """Set aside a sender's rows on one model's answers; returns the number of rows changed."""
        from_sender = sender.condition() & (PREDICTIONS.c.model == model)
        with writing(self._engine) as connection:
            return _update(connection, from_sender & STANDING, set_aside=datetime.now(UTC), reason=reason)

    def senders(self, model: str, vocabulary: AllowedCells) -> list[SenderRows]:
        """The senders of a model's labels, customer by customer, the most rows first."""
        with self._engine.connect() as connection:
            return senders.senders(connection, model, vocabulary)

    def aside(self) -> list[SetAsideRows]:
        """The rows that runs have set aside and that are still set aside."""
        rows = select(PREDICTIONS.c.model, func.count(), FEEDBACK.c.set_aside, FEEDBACK.c.reason).select_from(JOINED)
        by_runs = rows.where(ASIDE, FEEDBACK.c.reason.is_not(None))
        grouped = by_runs.group_by(PREDICTIONS.c.model, FEEDBACK.c.set_aside, FEEDBACK.c.reason)
        with self._engine.connect() as connection:
            return [SetAsideRows(*row) for row in connection.execute(grouped.order_by(FEEDBACK.c.set_aside))]

    def _change(self, choice: FeedbackFilter, state: ColumnElement[bool], **values: object) -> int:
        with writing(self._engine) as connection:
            return _update(connection, choice.condition() & state, **values)


def _update(connection: Connection, condition: ColumnElement[bool], **values: object) -> int:
    ids = select(FEEDBACK.c.id).select_from(JOINED).where(condition)
    return connection.execute(update(FEEDBACK).where(FEEDBACK.c.id.in_(ids)).values(**values)).rowcount
