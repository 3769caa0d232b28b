"""What became of a trial: counts that every process adds to, a shadow's answers, and what customers said."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.store.tables import FEEDBACK, PREDICTIONS, SHADOWS, TALLIES
from pipelines.store.votes import STANDS

# By what is counted and of whom, in one trial: how often, and how often it was so.
Tallies = Mapping[tuple[str, str], tuple[int, int]]

LOW = 2  # stars
ANSWER = (PREDICTIONS.c.model, PREDICTIONS.c.time, PREDICTIONS.c.version, PREDICTIONS.c.customer, PREDICTIONS.c.payload)
SAID = (
    select(
        FEEDBACK.c.id, FEEDBACK.c.label, FEEDBACK.c.correct, FEEDBACK.c.rating, PREDICTIONS.c.label.label("answered")
    )
    .add_columns(func.coalesce(FEEDBACK.c.customer, PREDICTIONS.c.customer).label("author"))
    .add_columns(*ANSWER)
    .select_from(FEEDBACK.join(PREDICTIONS))
)


@dataclass(frozen=True)
class Shadow:
    """What a shadow answered to the text of a prediction; `trial` is the hash of the entry that began it."""

    prediction: str
    trial: str
    label: str | None
    score: float | None


@dataclass(frozen=True)
class Opinion:
    """What was said of an answer of one version to a customer; `feedback` is the row that says so.

    `author` says it: the customer, or another who was named with the feedback. Both are keyed hashes.
    """

    feedback: int
    version: int
    customer: str
    displeased: bool
    author: str


def add(connection: Connection, trial: str, tallies: Tallies) -> None:
    """Count on."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for (what, who), (tries, hits) in tallies.items():
        row = dialect.insert(TALLIES).values(trial=trial, what=what, who=who, tries=tries, hits=hits)
        more = {"tries": TALLIES.c.tries + row.excluded.tries, "hits": TALLIES.c.hits + row.excluded.hits}
        connection.execute(row.on_conflict_do_update(index_elements=["trial", "what", "who"], set_=more))


def counted(connection: Connection, trial: str) -> Tallies:
    """What was counted so far."""
    rows = connection.execute(select(TALLIES).where(TALLIES.c.trial == trial))
    return {(row.what, row.who): (row.tries, row.hits) for row in rows}


def shade(connection: Connection, answers: Sequence[Shadow]) -> None:
    """Keep what a shadow answered."""
    if answers:
        connection.execute(insert(SHADOWS), [asdict(answer) for answer in answers])


def heard(connection: Connection, since: datetime) -> tuple[int, int, int]:
    """How much feedback there is `since` then, how much of it was taken back or set aside: whether there is news."""
    counted = (func.count(FEEDBACK.c[name]) for name in ("id", "undone", "set_aside"))
    said, undone, aside = connection.execute(select(*counted).where(FEEDBACK.c.time >= since)).one()
    return said, undone, aside


def opinions(connection: Connection, model: str, since: datetime) -> list[Opinion]:
    """What customers said of answers given `since` then, in order, and that stands.

    Comments alone say neither, and answers of a paused model are nobody's.
    """
    rows = connection.execute(SAID.where(FEEDBACK.c.time >= since, STANDS).order_by(FEEDBACK.c.id))
    # Chosen here and not by SQLite, which would take an index of predictions and read all that there ever were.
    about = (row for row in rows if row.model == model and row.time >= since and row.customer and row.payload)
    judged = ((row, _displeased(row.label, row.answered, row.correct, row.rating)) for row in about)
    return [Opinion(row.id, row.version, row.customer, bad, row.author) for row, bad in judged if bad is not None]


def _displeased(label: str | None, answered: str, correct: bool | None, rating: int | None) -> bool | None:
    """Whether anything that was said is bad; None where nothing was said of the answer."""
    said = [
        *([label != answered] if label is not None else []),
        *([not correct] if correct is not None else []),
        *([rating <= LOW] if rating is not None else []),
    ]
    return any(said) if said else None
