"""What a champion answered to one text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from pipelines.kinds.kind import told
from pipelines.store.tables import FEEDBACK, PREDICTIONS

# By the names of the fields of Prediction.
ROWS = select(*(column.label(column.key) for column in PREDICTIONS.columns))


@dataclass(frozen=True)
class Prediction:
    """One answer; `key` is the digest of the normalised raw text, `text` is masked, `customer` is a keyed hash.

    `label` and `score` are derived from the answer, where its kind has them; `payload` is JSON that only the `kind`
    reads. Whether it `abstained` is not known (None) of what was kept before this was asked. A model that was paused,
    and so was not asked, has an empty payload, and without a fixed answer the label is empty.
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

    @property
    def told(self) -> str:
        """What two answers to one text are compared by."""
        return told(self.label, self.payload)


def record(connection: Connection, predictions: Sequence[Prediction]) -> None:
    """Keep answers, all or none."""
    if predictions:
        connection.execute(insert(PREDICTIONS), [vars(prediction) for prediction in predictions])


def find(connection: Connection, id: str) -> Prediction | None:
    """The answer that was given that id."""
    row = connection.execute(ROWS.where(PREDICTIONS.c.id == id)).mappings().one_or_none()
    return Prediction(**row) if row else None


def answered(connection: Connection, model: str) -> set[str]:
    """Keys of every text the model has answered."""
    return set(connection.scalars(select(PREDICTIONS.c.key).where(PREDICTIONS.c.model == model).distinct()))


def silent(connection: Connection, model: str) -> dict[str, str]:
    """The id of the answer, by key, for every text that nobody gave feedback on."""
    heard = select(PREDICTIONS.c.key).join(FEEDBACK).where(PREDICTIONS.c.model == model)
    rows = select(PREDICTIONS.c.key, PREDICTIONS.c.id).where(
        PREDICTIONS.c.model == model, PREDICTIONS.c.key.not_in(heard)
    )
    return {row.key: row.id for row in connection.execute(rows)}
