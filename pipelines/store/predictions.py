"""A champion's answer to one text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from pipelines.kinds.kind import comparison_key
from pipelines.store.tables import FEEDBACK, PREDICTIONS

# The columns under the names of the fields of Prediction.
ROWS = select(*(column.label(column.key) for column in PREDICTIONS.columns))
NAMES = [column.key for column in PREDICTIONS.columns]


@dataclass(frozen=True)
class Prediction:
    """One answer; `key` is the digest of the normalised raw text, `text` is masked, `customer` is a keyed hash.

    `label` and `score` are derived from the answer, if its kind has them; `payload` is JSON that only the `kind` reads.
    `abstained` is None in rows older than that column. The answer of a paused model has an empty payload, and without a
    fixed answer an empty label. `truncated`, which is not stored, is True if the model did not read all of the text.
    """

    model: str
    version: int
    key: str
    text: str
    label: str | None
    score: float | None
    payload: Mapping[str, Any]
    customer: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    abstained: bool | None = None
    kind: str = "classification"
    truncated: bool = False

    @property
    def comparison_key(self) -> str:
        """The text by which two answers to one text are compared."""
        return comparison_key(self.label, self.payload)


def record(connection: Connection, predictions: Sequence[Prediction]) -> None:
    """Record predictions, all or none."""
    if predictions:
        rows = [{name: vars(prediction)[name] for name in NAMES} for prediction in predictions]
        connection.execute(insert(PREDICTIONS), rows)


def find(connection: Connection, id: str) -> Prediction | None:
    """The prediction with this id, or None."""
    row = connection.execute(ROWS.where(PREDICTIONS.c.id == id)).mappings().one_or_none()
    return Prediction(**row) if row else None


def answered_keys(connection: Connection, model: str) -> set[str]:
    """The keys of all texts that the model has answered."""
    return set(connection.scalars(select(PREDICTIONS.c.key).where(PREDICTIONS.c.model == model).distinct()))


def without_feedback(connection: Connection, model: str) -> dict[str, str]:
    """For each text without feedback, the id of its prediction, by key."""
    with_feedback = select(PREDICTIONS.c.key).join(FEEDBACK).where(PREDICTIONS.c.model == model)
    rows = select(PREDICTIONS.c.key, PREDICTIONS.c.id).where(
        PREDICTIONS.c.model == model, PREDICTIONS.c.key.not_in(with_feedback)
    )
    return {row.key: row.id for row in connection.execute(rows)}
