"""Records of a rollout: counts that every process adds to, a shadow's answers, and customers' opinions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.store.tables import FEEDBACK, PREDICTIONS, SHADOWS, TALLIES
from pipelines.store.votes import STANDING

# For each counted quantity and its subject, in one rollout: trials and successes.
RolloutCounts = Mapping[tuple[str, str], tuple[int, int]]

LOW = 2  # stars
ANSWER = (PREDICTIONS.c.model, PREDICTIONS.c.time, PREDICTIONS.c.version, PREDICTIONS.c.customer, PREDICTIONS.c.payload)
FEEDBACK_ROWS = (
    select(
        FEEDBACK.c.id, FEEDBACK.c.label, FEEDBACK.c.correct, FEEDBACK.c.rating, PREDICTIONS.c.label.label("answered")
    )
    .add_columns(func.coalesce(FEEDBACK.c.customer, PREDICTIONS.c.customer).label("author"))
    .add_columns(*ANSWER)
    .select_from(FEEDBACK.join(PREDICTIONS))
)


@dataclass(frozen=True)
class ShadowAnswer:
    """A shadow's answer to the text of a prediction; `trial` is the hash of the rollout's first ledger entry."""

    prediction: str
    trial: str
    label: str | None
    score: float | None


@dataclass(frozen=True)
class Opinion:
    """An opinion on an answer of one version to a customer; `feedback` is the id of its row.

    `author` is the customer, or another person named with the feedback. Both are keyed hashes.
    """

    feedback: int
    version: int
    customer: str
    displeased: bool
    author: str


def add(connection: Connection, trial: str, tallies: RolloutCounts) -> None:
    """Add to the counts of a rollout."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for (what, who), (tries, hits) in tallies.items():
        row = dialect.insert(TALLIES).values(trial=trial, what=what, who=who, tries=tries, hits=hits)
        sums = {"tries": TALLIES.c.tries + row.excluded.tries, "hits": TALLIES.c.hits + row.excluded.hits}
        connection.execute(row.on_conflict_do_update(index_elements=["trial", "what", "who"], set_=sums))


def read(connection: Connection, trial: str) -> RolloutCounts:
    """The counts of a rollout."""
    rows = connection.execute(select(TALLIES).where(TALLIES.c.trial == trial))
    return {(row.what, row.who): (row.tries, row.hits) for row in rows}


def record_shadow(connection: Connection, answers: Sequence[ShadowAnswer]) -> None:
    """Record answers of a shadow."""
    if answers:
        connection.execute(insert(SHADOWS), [asdict(answer) for answer in answers])


def feedback_counts(connection: Connection, since: datetime) -> tuple[int, int, int]:
    """The numbers of feedback rows since a time: all, undone, set aside; a change means new feedback."""
    counts = (func.count(FEEDBACK.c[name]) for name in ("id", "undone", "set_aside"))
    rows, undone, aside = connection.execute(select(*counts).where(FEEDBACK.c.time >= since)).one()
    return rows, undone, aside


def opinions(connection: Connection, model: str, since: datetime) -> list[Opinion]:
    """The customers' standing feedback on answers given since a time, in order.

    Comments alone and feedback on answers of a paused model are left out.
    """
    rows = connection.execute(FEEDBACK_ROWS.where(FEEDBACK.c.time >= since, STANDING).order_by(FEEDBACK.c.id))
    # Filtered here and not by SQLite, which would use an index of predictions and read all of them.
    rows_of_model = (row for row in rows if row.model == model and row.time >= since and row.customer and row.payload)
    judged = ((row, _displeased(row.label, row.answered, row.correct, row.rating)) for row in rows_of_model)
    return [Opinion(row.id, row.version, row.customer, bad, row.author) for row, bad in judged if bad is not None]


def _displeased(label: str | None, answered: str, correct: bool | None, rating: int | None) -> bool | None:
    """True if any part of the feedback is negative; None if no part judges the answer."""
    negative = [
        *([label != answered] if label is not None else []),
        *([not correct] if correct is not None else []),
        *([rating <= LOW] if rating is not None else []),
    ]
    return any(negative) if negative else None
