"""What people read: messages with their answers, newest first, and what was said about them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal, select, tuple_

from pipelines.store.feedback import UnknownPrediction
from pipelines.store.predictions import Prediction
from pipelines.store.tables import FEEDBACK, PREDICTIONS, Instant


@dataclass(frozen=True)
class Said:
    """Feedback that stands."""

    id: int
    time: datetime
    label: str | None
    correct: bool | None
    rating: int | None
    comment: str | None


@dataclass(frozen=True)
class Message:
    """An answered text, what was said about it, and the labels that other models gave to the same text, by model."""

    prediction: Prediction
    said: tuple[Said, ...]
    also: dict[str, str]


def page(connection: Connection, model: str, limit: int, before: str | None = None) -> list[Prediction]:
    """The newest answers of a model, or those next older than the answer `before`. Raises UnknownPrediction.

    The place is found by time and id in one index, so that it does not matter how deep it lies.
    """
    rows = select(PREDICTIONS).where(PREDICTIONS.c.model == model)
    if before is not None:
        rows = rows.where(_older(connection, before))
    newest = rows.order_by(PREDICTIONS.c.time.desc(), PREDICTIONS.c.id.desc()).limit(limit)
    return [Prediction(**row) for row in connection.execute(newest).mappings()]


def told(connection: Connection, answers: Sequence[Prediction], others: Collection[str]) -> list[Message]:
    """The answers with what else is known about them."""
    said, also = _said(connection, [one.id for one in answers]), _also(connection, answers, others)
    return [Message(one, tuple(said[one.id]), also[one.key]) for one in answers]


def _older(connection: Connection, id: str) -> ColumnElement[bool]:
    place = connection.execute(select(PREDICTIONS.c.time, PREDICTIONS.c.id).where(PREDICTIONS.c.id == id)).one_or_none()
    if place is None:
        raise UnknownPrediction("no such prediction: send the `id` of the last message of the page before")
    return tuple_(PREDICTIONS.c.time, PREDICTIONS.c.id) < tuple_(literal(place.time, Instant), literal(place.id))


def _said(connection: Connection, ids: Collection[str]) -> dict[str, list[Said]]:
    columns = (FEEDBACK.c[name] for name in ("prediction", "id", "time", "label", "correct", "rating", "comment"))
    rows = select(*columns).where(FEEDBACK.c.prediction.in_(ids), FEEDBACK.c.undone.is_(None)).order_by(FEEDBACK.c.id)
    found: dict[str, list[Said]] = defaultdict(list)
    for prediction, *values in connection.execute(rows):
        found[prediction].append(Said(*values))
    return found


def _also(
    connection: Connection, answers: Sequence[Prediction], others: Collection[str]
) -> defaultdict[str, dict[str, str]]:
    """The newest word of the other models, by key."""
    keys = {one.key for one in answers}
    rows = select(PREDICTIONS.c.key, PREDICTIONS.c.model, PREDICTIONS.c.label)
    same = rows.where(PREDICTIONS.c.model.in_(others), PREDICTIONS.c.key.in_(keys)).order_by(PREDICTIONS.c.time)
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for key, model, label in connection.execute(same):
        found[key][model] = label
    return found
