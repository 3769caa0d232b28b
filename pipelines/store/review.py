"""Which messages a person should label next: those that teach most."""

import heapq
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, select, union

from pipelines.kinds.known import find
from pipelines.store.predictions import ROWS, Prediction
from pipelines.store.tables import FEEDBACK, PREDICTIONS
from pipelines.store.votes import ANY, JOINED, NOTHING, STANDS, Vocabulary, decided

# Older messages, and ties that no newer feedback is about, wait for no review: the queue costs the same however many
# there are.
NEWEST = 5000


class Waiting(NamedTuple):
    """A message by the id of its answer; `tied` where votes are, `disputed` where somebody called it wrong."""

    id: str
    margin: float
    abstained: bool
    disputed: bool
    tied: bool


def queue(connection: Connection, model: str, limit: int, vocabulary: Vocabulary = ANY) -> list[Prediction]:
    """The most useful first, of the newest messages that nobody taught a label of `vocabulary`, one per text.

    Before all come those that people gave several labels with as many votes; then those that somebody called wrong
    without saying what is right; then those where the model abstained; then those of which their kind says that the
    answer was closest to another one; of equals the newest.
    """
    best = heapq.nsmallest(limit, _waiting(connection, model, vocabulary), key=_usefulness)
    rows = connection.execute(ROWS.where(PREDICTIONS.c.id.in_(row.id for row in best))).mappings()
    found = {row["id"]: Prediction(**row) for row in rows}
    return [found[row.id] for row in best]


def _waiting(connection: Connection, model: str, vocabulary: Vocabulary) -> Iterator[Waiting]:
    """The newest answer to each text that nobody taught a label; of a model that was paused there is none."""
    mine, newest = PREDICTIONS.c.model == model, (PREDICTIONS.c.time.desc(), PREDICTIONS.c.id.desc())
    recent = select(PREDICTIONS.c.key).where(mine).order_by(*newest).limit(NEWEST).subquery()
    keys = union(select(recent.c.key), _spoken(connection, model))
    won = decided(model, vocabulary, PREDICTIONS.c.key.in_(keys))
    rows = connection.execute(select(won.c.key, won.c.tie, won.c.label, won.c.review)).all()
    # That none fits ends a review where a reviewer says so; a customer's word is a reason to look.
    votes = {row.key: row.tie for row in rows if row.tie > 1 or row.label != NOTHING or row.review}
    tied, wrong = {key for key, tie in votes.items() if tie > 1}, _wrong(connection, model, select(recent.c.key))
    columns = select(
        PREDICTIONS.c.id, PREDICTIONS.c.key, PREDICTIONS.c.kind, PREDICTIONS.c.payload, PREDICTIONS.c.abstained
    )
    answers = columns.where(mine).order_by(*newest)
    disputes = answers.where(PREDICTIONS.c.key.in_(select(won.c.key).where(won.c.tie > 1)))
    seen = votes.keys() - tied
    for row in chain(connection.execute(answers.limit(NEWEST)), connection.execute(disputes) if tied else ()):
        if row.payload and row.key not in seen:
            margin = find(row.kind).wire.margin(row.payload)
            yield Waiting(row.id, margin, bool(row.abstained), row.key in wrong, row.key in tied)
        seen.add(row.key)


def _spoken(connection: Connection, model: str) -> Select[tuple[str]]:
    """Keys of the texts that the newest feedback is about."""
    newest = connection.scalar(select(func.max(FEEDBACK.c.id))) or 0
    # The concatenation keeps SQLite from beginning with all predictions of the model.
    about = select(PREDICTIONS.c.key).select_from(JOINED).where(PREDICTIONS.c.model.concat("") == model)
    return about.where(FEEDBACK.c.id > newest - NEWEST)


def _wrong(connection: Connection, model: str, keys: Select[tuple[str]]) -> set[str]:
    """Keys of texts whose label somebody called wrong."""
    rows = select(PREDICTIONS.c.key.distinct()).select_from(JOINED).where(FEEDBACK.c.correct.is_(False), STANDS)
    return set(connection.scalars(rows.where(PREDICTIONS.c.model == model, PREDICTIONS.c.key.in_(keys))))


def _usefulness(row: Waiting) -> tuple[bool, bool, bool, float]:
    return not row.tied, not row.disputed, not row.abstained, row.margin
