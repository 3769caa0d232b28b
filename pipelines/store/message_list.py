"""The messages of a model, newest first, with their answers and the feedback on them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, literal, select, tuple_

from pipelines.store.feedback_rows import UnknownPrediction
from pipelines.store.message_feedback import MessageFeedback, newest_feedback
from pipelines.store.predictions import ROWS, Prediction
from pipelines.store.tables import PREDICTIONS, Instant
from pipelines.store.votes import ANY_LABEL, AllowedCells, majority_labels, vote_counts


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
    feedback = newest_feedback(connection, [answer.id for answer in answers])
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
