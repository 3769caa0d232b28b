"""The messages of a model, newest first, with their answers and the feedback on them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from pipelines.store.feedback_rows import UnknownPrediction
from pipelines.store.predictions import ROWS, Prediction
from pipelines.store.tables import FEEDBACK, KEYS, PREDICTIONS, Instant
from pipelines.store.votes import ANY_LABEL, CUSTOMER, STANDING, AllowedCells, majority_labels, vote_counts

# At most so many feedback rows of a message, the newest, and characters of a comment, so that a page stays small.
MAX_ROWS, MAX_COMMENT = 10, 1000


@dataclass(frozen=True)
class MessageFeedback:
    """Standing feedback with its author: a reviewer, or a customer by a keyed hash.

    Pages show the first digits of the hash. A comment is masked, and cut at MAX_COMMENT characters. `key` is the name
    of the sender's API key. `none` is true if no label fits.
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
    """An answered text with its newest feedback (`said`); `more` counts the older rows.

    `taught` is the voted label of the text, over all its answers, and empty if people said that no label fits. A vote
    without a winner is `tied`, and `votes` has the number per label. `also` has other models' labels of the text.
    """

    prediction: Prediction
    said: tuple[MessageFeedback, ...]
    also: dict[str, str]
    more: int = 0
    taught: str | None = None
    tied: bool = False
    votes: dict[str, int] = field(default_factory=dict)


def page(connection: Connection, model: str, limit: int, before: str | None = None) -> list[Prediction]:
    """The newest predictions of a model, or the next older than the prediction `before`. Raises UnknownPrediction.

    An index of time and id finds the start, so that a late page costs no more than the first.
    """
    rows = ROWS.where(PREDICTIONS.c.model == model)
    if before is not None:
        rows = rows.where(_older(connection, before))
    newest = rows.order_by(PREDICTIONS.c.time.desc(), PREDICTIONS.c.id.desc()).limit(limit)
    return [Prediction(**row) for row in connection.execute(newest).mappings()]


def with_feedback(
    connection: Connection,
    answers: Sequence[Prediction],
    others: Collection[str],
    vocabulary: AllowedCells = ANY_LABEL,
) -> list[Message]:
    """The predictions as messages; votes for labels outside `vocabulary` do not count."""
    feedback = _feedback(connection, [answer.id for answer in answers])
    others_labels = _other_labels(connection, answers, others)
    votes = _vote_results(connection, answers, vocabulary)
    return [
        Message(
            answer,
            tuple(rows),
            others_labels[answer.key],
            omitted,
            *votes.get((answer.model, answer.key), (None, False, {})),
        )
        for answer in answers
        for rows, omitted in [feedback.get(answer.id, ([], 0))]
    ]


def _older(connection: Connection, id: str) -> ColumnElement[bool]:
    last = connection.execute(select(PREDICTIONS.c.time, PREDICTIONS.c.id).where(PREDICTIONS.c.id == id)).one_or_none()
    if last is None:
        raise UnknownPrediction("no such prediction: send the `id` of the last message of the page before")
    return tuple_(PREDICTIONS.c.time, PREDICTIONS.c.id) < tuple_(literal(last.time, Instant), literal(last.id))


def _feedback(connection: Connection, ids: Collection[str]) -> dict[str, tuple[list[MessageFeedback], int]]:
    """For each prediction, its newest feedback in order and the number of older rows."""
    about = FEEDBACK.c.prediction
    rows = (
        select(*(FEEDBACK.c[name] for name in ("prediction", "id", "time", "label", "correct", "rating")))
        .add_columns(func.substr(FEEDBACK.c.comment, 1, MAX_COMMENT + 1).label("comment"), KEYS.c.name.label("key"))
        .add_columns(CUSTOMER.label("customer"), func.coalesce(FEEDBACK.c.review, False).label("review"))
        .add_columns(func.coalesce(FEEDBACK.c.none_fits, False).label("none"))
        .add_columns(func.row_number().over(partition_by=about, order_by=FEEDBACK.c.id.desc()).label("place"))
        .add_columns(func.count().over(partition_by=about).label("all"))
        .select_from(FEEDBACK.join(PREDICTIONS).outerjoin(KEYS, KEYS.c.id == FEEDBACK.c.api_key))
        .where(FEEDBACK.c.prediction.in_(ids), STANDING)
        .subquery()
    )
    feedback: dict[str, tuple[list[MessageFeedback], int]] = {}
    for row in connection.execute(select(rows).where(rows.c.place <= MAX_ROWS).order_by(rows.c.id)):
        prediction, id, time, label, correct, rating, comment, *author, _, total = row
        newest, _ = feedback.setdefault(prediction, ([], max(0, total - MAX_ROWS)))
        newest.append(MessageFeedback(id, time, label, correct, rating, _cut(comment), *author))
    return feedback


def _cut(comment: str | None) -> str | None:
    return f"{comment[:MAX_COMMENT]}\u2026" if comment and len(comment) > MAX_COMMENT else comment


def _vote_results(
    connection: Connection, answers: Sequence[Prediction], vocabulary: AllowedCells
) -> dict[tuple[str, str], tuple[str | None, bool, dict[str, int]]]:
    """By model and key of a text: its voted label, true if the vote is tied, and then the votes per label."""
    results: dict[tuple[str, str], tuple[str | None, bool, dict[str, int]]] = {}
    for model in {answer.model for answer in answers}:
        keys = {answer.key for answer in answers if answer.model == model}
        won = majority_labels(model, vocabulary, PREDICTIONS.c.key.in_(keys))
        rows = connection.execute(select(won.c.key, won.c.label, won.c.tie)).all()
        votes = _votes(connection, model, vocabulary, {row.key for row in rows if row.tie > 1})
        for row in rows:
            results[model, row.key] = (None, True, votes[row.key]) if row.tie > 1 else (row.label, False, {})
    return results


def _votes(
    connection: Connection, model: str, vocabulary: AllowedCells, keys: Collection[str]
) -> dict[str, dict[str, int]]:
    """For each key, the number of votes per label, the most first."""
    if not keys:
        return {}
    votes = vote_counts(model, vocabulary, PREDICTIONS.c.key.in_(keys))
    by_key: defaultdict[str, dict[str, int]] = defaultdict(dict)
    rows = select(votes.c.key, votes.c.label, votes.c.votes).order_by(votes.c.votes.desc(), votes.c.label)
    for key, label, number in connection.execute(rows):
        by_key[key][label] = number
    return by_key


def _other_labels(
    connection: Connection, answers: Sequence[Prediction], others: Collection[str]
) -> defaultdict[str, dict[str, str]]:
    """For each key, the newest label of every other model; models without labels are left out."""
    keys = {answer.key for answer in answers}
    rows = select(PREDICTIONS.c.key, PREDICTIONS.c.model, PREDICTIONS.c.label)
    rows = rows.where(PREDICTIONS.c.model.in_(others), PREDICTIONS.c.key.in_(keys), PREDICTIONS.c.label.is_not(None))
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for key, model, label in connection.execute(rows.order_by(PREDICTIONS.c.time)):
        labels[key][model] = label
    return labels
