"""What people read: messages with their answers, newest first, and what was said about them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from pipelines.store.feedback_rows import UnknownPrediction
from pipelines.store.predictions import ROWS, Prediction
from pipelines.store.tables import FEEDBACK, KEYS, PREDICTIONS, Instant
from pipelines.store.votes import ANY, CUSTOMER, STANDS, Vocabulary, counted, decided

# Reactions to one message, the newest, and characters of a comment: a page stays small whatever was said.
SHOWN, LONGEST = 10, 1000


@dataclass(frozen=True)
class Said:
    """Feedback that stands, and its author: a reviewer, or a customer by a keyed hash.

    Of the hash pages show the first digits. A comment is masked, and cut where it is long. `key` is the name of the API
    key that it came with. `none` says that no label fits.
    """

    id: int
    time: datetime
    label: str | None
    correct: bool | None
    rating: int | None
    comment: str | None
    key: str | None
    customer: str | None
    review: bool
    none: bool = False


@dataclass(frozen=True)
class Message:
    """An answered text, the newest of what was said about it, and how much `more` there is.

    `taught` is the label that people gave the text, whichever answer they spoke of, and empty where they said that none
    fits; where several have as many votes it is `tied`, and `votes` says how many each has. `also` has the labels that
    other models gave to the same text, by model.
    """

    prediction: Prediction
    said: tuple[Said, ...]
    also: dict[str, str]
    more: int = 0
    taught: str | None = None
    tied: bool = False
    votes: dict[str, int] = field(default_factory=dict)


def page(connection: Connection, model: str, limit: int, before: str | None = None) -> list[Prediction]:
    """The newest answers of a model, or those next older than the answer `before`. Raises UnknownPrediction.

    The place is found by time and id in one index, so that it does not matter how deep it lies.
    """
    rows = ROWS.where(PREDICTIONS.c.model == model)
    if before is not None:
        rows = rows.where(_older(connection, before))
    newest = rows.order_by(PREDICTIONS.c.time.desc(), PREDICTIONS.c.id.desc()).limit(limit)
    return [Prediction(**row) for row in connection.execute(newest).mappings()]


def told(
    connection: Connection,
    answers: Sequence[Prediction],
    others: Collection[str],
    vocabulary: Vocabulary = ANY,
) -> list[Message]:
    """The answers with what else is known about them; votes for other labels than `vocabulary` do not count."""
    said, also = _said(connection, [one.id for one in answers]), _also(connection, answers, others)
    won = _won(connection, answers, vocabulary)
    return [
        Message(one, tuple(shown), also[one.key], more, *won.get((one.model, one.key), (None, False, {})))
        for one in answers
        for shown, more in [said.get(one.id, ([], 0))]
    ]


def _older(connection: Connection, id: str) -> ColumnElement[bool]:
    place = connection.execute(select(PREDICTIONS.c.time, PREDICTIONS.c.id).where(PREDICTIONS.c.id == id)).one_or_none()
    if place is None:
        raise UnknownPrediction("no such prediction: send the `id` of the last message of the page before")
    return tuple_(PREDICTIONS.c.time, PREDICTIONS.c.id) < tuple_(literal(place.time, Instant), literal(place.id))


def _said(connection: Connection, ids: Collection[str]) -> dict[str, tuple[list[Said], int]]:
    """The newest of what was said, in order, and how much more there is; by prediction."""
    about = FEEDBACK.c.prediction
    rows = (
        select(*(FEEDBACK.c[name] for name in ("prediction", "id", "time", "label", "correct", "rating")))
        .add_columns(func.substr(FEEDBACK.c.comment, 1, LONGEST + 1).label("comment"), KEYS.c.name.label("key"))
        .add_columns(CUSTOMER.label("customer"), func.coalesce(FEEDBACK.c.review, False).label("review"))
        .add_columns(func.coalesce(FEEDBACK.c.none_fits, False).label("none"))
        .add_columns(func.row_number().over(partition_by=about, order_by=FEEDBACK.c.id.desc()).label("place"))
        .add_columns(func.count().over(partition_by=about).label("all"))
        .select_from(FEEDBACK.join(PREDICTIONS).outerjoin(KEYS, KEYS.c.id == FEEDBACK.c.api_key))
        .where(FEEDBACK.c.prediction.in_(ids), STANDS)
        .subquery()
    )
    found: dict[str, tuple[list[Said], int]] = {}
    for row in connection.execute(select(rows).where(rows.c.place <= SHOWN).order_by(rows.c.id)):
        prediction, id, time, label, correct, rating, comment, *author, _, every = row
        shown, _ = found.setdefault(prediction, ([], max(0, every - SHOWN)))
        shown.append(Said(id, time, label, correct, rating, _cut(comment), *author))
    return found


def _cut(comment: str | None) -> str | None:
    return f"{comment[:LONGEST]}\u2026" if comment and len(comment) > LONGEST else comment


def _won(
    connection: Connection, answers: Sequence[Prediction], vocabulary: Vocabulary
) -> dict[tuple[str, str], tuple[str | None, bool, dict[str, int]]]:
    """The label that people gave each text, whether they are tied, and then the votes of each label; by model, key."""
    found: dict[tuple[str, str], tuple[str | None, bool, dict[str, int]]] = {}
    for model in {one.model for one in answers}:
        keys = {one.key for one in answers if one.model == model}
        won = decided(model, vocabulary, PREDICTIONS.c.key.in_(keys))
        rows = connection.execute(select(won.c.key, won.c.label, won.c.tie)).all()
        votes = _votes(connection, model, vocabulary, {row.key for row in rows if row.tie > 1})
        for row in rows:
            found[model, row.key] = (None, True, votes[row.key]) if row.tie > 1 else (row.label, False, {})
    return found


def _votes(
    connection: Connection, model: str, vocabulary: Vocabulary, keys: Collection[str]
) -> dict[str, dict[str, int]]:
    """How many votes each label of some texts has, the most first; by key."""
    if not keys:
        return {}
    votes = counted(model, vocabulary, PREDICTIONS.c.key.in_(keys))
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    rows = select(votes.c.key, votes.c.label, votes.c.votes).order_by(votes.c.votes.desc(), votes.c.label)
    for key, label, number in connection.execute(rows):
        found[key][label] = number
    return found


def _also(
    connection: Connection, answers: Sequence[Prediction], others: Collection[str]
) -> defaultdict[str, dict[str, str]]:
    """The newest label that each other model gave, by key; none of a model without labels."""
    keys = {one.key for one in answers}
    rows = select(PREDICTIONS.c.key, PREDICTIONS.c.model, PREDICTIONS.c.label)
    same = rows.where(PREDICTIONS.c.model.in_(others), PREDICTIONS.c.key.in_(keys), PREDICTIONS.c.label.is_not(None))
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for key, model, label in connection.execute(same.order_by(PREDICTIONS.c.time)):
        found[key][model] = label
    return found
