"""The review queue: the messages that are most useful to label next (active learning)."""

import heapq
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, select, union

from pipelines.kinds.known import find_kind
from pipelines.store.predictions import ROWS, Prediction
from pipelines.store.tables import FEEDBACK, PREDICTIONS
from pipelines.store.votes import ANY_LABEL, JOINED, NONE_FITS, STANDING, AllowedCells, majority_labels

# Older messages, and ties without newer feedback, are not queued, so that the cost does not grow with the database.
NEWEST = 5000


class QueueEntry(NamedTuple):
    """A message by the id of its prediction; `tied` if its vote is, `disputed` if feedback calls it wrong."""

    id: str
    margin: float
    abstained: bool
    disputed: bool
    tied: bool


def queue(connection: Connection, model: str, limit: int, vocabulary: AllowedCells = ANY_LABEL) -> list[Prediction]:
    """The newest messages without a label of `vocabulary`, one per text, the most useful first.

    The order: tied votes, then answers called wrong without a right label, then abstentions, then the smallest margin
    between the answer and the next one, as the kind measures it; among equals the newest.
    """
    best = heapq.nsmallest(limit, _unlabelled(connection, model, vocabulary), key=_usefulness)
    rows = connection.execute(ROWS.where(PREDICTIONS.c.id.in_(row.id for row in best))).mappings()
    predictions = {row["id"]: Prediction(**row) for row in rows}
    return [predictions[row.id] for row in best]


def _unlabelled(connection: Connection, model: str, vocabulary: AllowedCells) -> Iterator[QueueEntry]:
    """The newest answer to each text without a label; answers of a paused model are left out."""
    of_model, newest = PREDICTIONS.c.model == model, (PREDICTIONS.c.time.desc(), PREDICTIONS.c.id.desc())
    recent = select(PREDICTIONS.c.key).where(of_model).order_by(*newest).limit(NEWEST).subquery()
    keys = union(select(recent.c.key), _recently_rated(connection, model))
    won = majority_labels(model, vocabulary, PREDICTIONS.c.key.in_(keys))
    rows = connection.execute(select(won.c.key, won.c.tie, won.c.label, won.c.review)).all()
    # A reviewer's "no label fits" ends a review; a customer's is a reason for one.
    votes = {row.key: row.tie for row in rows if row.tie > 1 or row.label != NONE_FITS or row.review}
    tied, wrong = {key for key, tie in votes.items() if tie > 1}, _called_wrong(connection, model, select(recent.c.key))
    columns = select(
        PREDICTIONS.c.id, PREDICTIONS.c.key, PREDICTIONS.c.kind, PREDICTIONS.c.payload, PREDICTIONS.c.abstained
    )
    answers = columns.where(of_model).order_by(*newest)
    disputes = answers.where(PREDICTIONS.c.key.in_(select(won.c.key).where(won.c.tie > 1)))
    seen = votes.keys() - tied
    for row in chain(connection.execute(answers.limit(NEWEST)), connection.execute(disputes) if tied else ()):
        if row.payload and row.key not in seen:
            margin = find_kind(row.kind).wire.margin(row.payload)
            yield QueueEntry(row.id, margin, bool(row.abstained), row.key in wrong, row.key in tied)
        seen.add(row.key)


def _recently_rated(connection: Connection, model: str) -> Select[tuple[str]]:
    """The keys of the texts with the newest feedback."""
    newest = connection.scalar(select(func.max(FEEDBACK.c.id))) or 0
    # The concatenation keeps SQLite from scanning all predictions of the model first.
    keys = select(PREDICTIONS.c.key).select_from(JOINED).where(PREDICTIONS.c.model.concat("") == model)
    return keys.where(FEEDBACK.c.id > newest - NEWEST)


def _called_wrong(connection: Connection, model: str, keys: Select[tuple[str]]) -> set[str]:
    """The keys of texts whose answer was called wrong."""
    rows = select(PREDICTIONS.c.key.distinct()).select_from(JOINED).where(FEEDBACK.c.correct.is_(False), STANDING)
    return set(connection.scalars(rows.where(PREDICTIONS.c.model == model, PREDICTIONS.c.key.in_(keys))))


def _usefulness(row: QueueEntry) -> tuple[bool, bool, bool, float]:
    return not row.tied, not row.disputed, not row.abstained, row.margin
