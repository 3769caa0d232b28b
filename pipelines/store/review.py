"""Which messages a person should label next: those that teach most."""

import heapq
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Select, select

from pipelines.store.predictions import Prediction
from pipelines.store.tables import FEEDBACK, PREDICTIONS

# Older ones wait for no review: the queue costs the same however many there are.
NEWEST = 5000


class Waiting(NamedTuple):
    """A message by the id of its answer; `disputed` where somebody called that wrong."""

    id: str
    scores: dict[str, float]
    abstained: bool
    disputed: bool


def queue(connection: Connection, model: str, limit: int) -> list[Prediction]:
    """The most useful first, of the newest messages that nobody taught a label, one per text.

    Before all come those that somebody called wrong without saying what is right; then those where the model
    abstained; then those whose two most probable labels lie closest (margin sampling: Scheffer and others, 2001); of
    equals the newest.
    """
    best = heapq.nsmallest(limit, _waiting(connection, model), key=_usefulness)
    rows = connection.execute(select(PREDICTIONS).where(PREDICTIONS.c.id.in_(row.id for row in best))).mappings()
    found = {row["id"]: Prediction(**row) for row in rows}
    return [found[row.id] for row in best]


def margin(scores: Mapping[str, float]) -> float:
    """How far the most probable label lies above the next."""
    first, second, *_ = *heapq.nlargest(2, scores.values()), 0.0, 0.0
    return first - second


def _waiting(connection: Connection, model: str) -> Iterator[Waiting]:
    """The newest answer to each text that nobody taught a label; of a model that was paused there is none."""
    mine, newest = PREDICTIONS.c.model == model, (PREDICTIONS.c.time.desc(), PREDICTIONS.c.id.desc())
    columns = (PREDICTIONS.c.id, PREDICTIONS.c.key, PREDICTIONS.c.scores, PREDICTIONS.c.abstained)
    rows = connection.execute(select(*columns).where(mine).order_by(*newest).limit(NEWEST))
    taught, disputed = _said(connection, model, select(PREDICTIONS.c.key).where(mine).order_by(*newest).limit(NEWEST))
    seen = set(taught)
    for row in rows:
        if row.scores and row.key not in seen:
            yield Waiting(row.id, row.scores, bool(row.abstained), row.key in disputed)
        seen.add(row.key)


def _said(connection: Connection, model: str, keys: Select[tuple[str]]) -> tuple[set[str], set[str]]:
    """Keys of texts whose label somebody taught, by any answer of the model to them, and of those called wrong."""
    about = keys.subquery()
    found = connection.execute(
        select(PREDICTIONS.c.key, FEEDBACK.c.label, FEEDBACK.c.correct)
        .select_from(PREDICTIONS.join(FEEDBACK, FEEDBACK.c.prediction == PREDICTIONS.c.id))
        .where(PREDICTIONS.c.model == model, PREDICTIONS.c.key.in_(select(about.c.key)), FEEDBACK.c.undone.is_(None))
        .distinct()
    ).all()
    taught = {row.key for row in found if row.label is not None or row.correct}
    return taught, {row.key for row in found if row.correct is False}


def _usefulness(row: Waiting) -> tuple[bool, bool, float]:
    return not row.disputed, not row.abstained, margin(row.scores)
