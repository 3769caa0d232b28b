"""Stored rows for a person's own use: messages, voted labels, corrections; masked as they are stored, in batches."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select, true

from pipelines.store.tables import FEEDBACK, PREDICTIONS
from pipelines.store.votes import CUSTOMER, JOINED, LABEL, NONE_FITS, STANDING, AllowedCells, majority_labels

BATCH = 1000
Batch = Sequence[dict[str, Any]]


class ExportedRows:
    """The rows of one database, the oldest first; `since` is the earliest time, or None for all."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def messages(self, model: str, since: datetime | None) -> Iterator[Batch]:
        """Every answered text with its answer; `customer` is the keyed hash of its author."""
        names = ("id", "time", "version", "text", "label", "score", "abstained", "customer")
        rows = select(*(PREDICTIONS.c[name] for name in names))
        rows = rows.where(PREDICTIONS.c.model == model, _since(PREDICTIONS.c.time, since))
        return self._batches(rows.order_by(PREDICTIONS.c.time, PREDICTIONS.c.id))

    def labels(self, model: str, vocabulary: AllowedCells, since: datetime | None) -> Iterator[Batch]:
        """Each text with its voted label, as retraining learns it; `feedback` is the newest row for that label."""
        won = majority_labels(model, vocabulary)
        rows = select(PREDICTIONS.c.text, won.c.label, FEEDBACK.c.time, won.c.feedback, PREDICTIONS.c.customer)
        rows = rows.select_from(won.join(FEEDBACK, FEEDBACK.c.id == won.c.feedback).join(PREDICTIONS))
        rows = rows.where(won.c.tie == 1, won.c.label != NONE_FITS, _since(FEEDBACK.c.time, since))
        return self._batches(rows.order_by(won.c.feedback))

    def corrections(self, model: str, since: datetime | None) -> Iterator[Batch]:
        """Each standing feedback row that disagrees with its answer; `customer` is the keyed hash of its author."""
        none = func.coalesce(FEEDBACK.c.none_fits, False)
        another = and_(LABEL.is_not(None), LABEL.is_distinct_from(PREDICTIONS.c.label))
        wrong = or_(another, FEEDBACK.c.correct.is_(False), none)
        rows = select(FEEDBACK.c.id.label("feedback"), FEEDBACK.c.time, FEEDBACK.c.prediction, PREDICTIONS.c.version)
        rows = rows.add_columns(PREDICTIONS.c.text, PREDICTIONS.c.label.label("answer"), PREDICTIONS.c.score)
        rows = rows.add_columns(LABEL.label("label"), none.label("none"), FEEDBACK.c.rating, FEEDBACK.c.comment)
        rows = rows.add_columns(func.coalesce(FEEDBACK.c.review, False).label("reviewer"), CUSTOMER.label("customer"))
        rows = rows.select_from(JOINED).where(PREDICTIONS.c.model == model, STANDING, wrong)
        return self._batches(rows.where(_since(FEEDBACK.c.time, since)).order_by(FEEDBACK.c.id))

    def _batches(self, rows: Select[Any]) -> Iterator[Batch]:
        with self._engine.connect() as connection:
            for batch in connection.execution_options(yield_per=BATCH).execute(rows).mappings().partitions():
                yield [dict(row) for row in batch]


def _since(time: ColumnElement[datetime], since: datetime | None) -> ColumnElement[bool]:
    return true() if since is None else time >= since
