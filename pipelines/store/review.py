"""Which messages a person should label next: those that teach most."""

import heapq
from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, Connection, Exists, Row, and_, exists, select

from pipelines.store.predictions import Prediction
from pipelines.store.tables import FEEDBACK, PREDICTIONS

# Older ones wait for no review: the queue costs the same however many there are.
NEWEST = 5000
Waiting = Row[tuple[str, str, dict[str, float], bool, bool]]
OTHER = PREDICTIONS.alias("other")


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
    """The newest answer to each text; of a model that was paused there is none."""
    mine, newest = PREDICTIONS.c.model == model, (PREDICTIONS.c.time.desc(), PREDICTIONS.c.id.desc())
    recent = select(PREDICTIONS.c.id).where(mine).order_by(*newest).limit(NEWEST).subquery()
    rows = (
        select(PREDICTIONS.c.id, PREDICTIONS.c.key, PREDICTIONS.c.scores, PREDICTIONS.c.abstained)
        .add_columns(_heard(FEEDBACK.c.correct.is_(False)).label("disputed"))
        .where(PREDICTIONS.c.id.in_(select(recent.c.id)))
        .where(~_heard(FEEDBACK.c.label.is_not(None) | FEEDBACK.c.correct.is_(True)))
    )
    seen: set[str] = set()
    for row in connection.execute(rows.order_by(*newest)):
        if row.scores and row.key not in seen:
            yield row
        seen.add(row.key)


def _heard(what: ColumnElement[bool]) -> Exists:
    """Whether somebody said that of any answer of the model to the same text."""
    heard = FEEDBACK.join(OTHER, FEEDBACK.c.prediction == OTHER.c.id)
    same = and_(OTHER.c.model == PREDICTIONS.c.model, OTHER.c.key == PREDICTIONS.c.key)
    return exists().select_from(heard).where(same, FEEDBACK.c.undone.is_(None), what).correlate(PREDICTIONS)


def _usefulness(row: Waiting) -> tuple[bool, bool, float]:
    return not row.disputed, not row.abstained, margin(row.scores)
