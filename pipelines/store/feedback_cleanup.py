"""Feedback rows as whoever cleans up among them sees them: listed, taken back, set aside and restored."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, false, func, or_, select, true, update

from pipelines.store import senders
from pipelines.store.database import writing
from pipelines.store.senders import Sent
from pipelines.store.tables import FEEDBACK, KEYS, PREDICTIONS, same
from pipelines.store.votes import CUSTOMER, JOINED, STANDS, WORD, Sender, Vocabulary

ASIDE = FEEDBACK.c.set_aside.is_not(None) & FEEDBACK.c.undone.is_(None)


@dataclass(frozen=True)
class Row:
    """One row of feedback: the masked text it is about, what it says, who sent it, and whether it counts.

    `said` is the label that it names or confirms, `key` an API key's id, `name` that key's name, `customer` a keyed
    hash. `reason` says why a run set it aside, `none` that no label fits.
    """

    id: int
    time: datetime
    model: str
    prediction: str
    text: str
    said: str | None
    correct: bool | None
    rating: int | None
    comment: str | None
    key: str | None
    name: str | None
    customer: str | None
    review: bool
    undone: datetime | None
    set_aside: datetime | None
    reason: str | None
    none: bool = False


@dataclass(frozen=True)
class Choice:
    """Which rows: all of what is given must hold, and nothing given means every row.

    `keys` are ids of API keys, None among them for rows without a key; `customers` are keyed hashes or their first
    digits, None among them for rows that no customer said; `aside` picks those that are set aside.
    """

    ids: tuple[int, ...] = ()
    keys: tuple[str | None, ...] | None = None
    customers: tuple[str | None, ...] | None = None
    model: str | None = None
    aside: bool = False

    @property
    def picks(self) -> bool:
        """Whether it is narrower than every row."""
        return self != Choice()

    def condition(self) -> ColumnElement[bool]:
        """On JOINED."""
        chosen: list[ColumnElement[bool]] = [true()]
        if self.ids:
            chosen.append(FEEDBACK.c.id.in_(self.ids))
        if self.keys is not None:
            chosen.append(or_(false(), *(same(FEEDBACK.c.api_key, key) for key in self.keys)))
        if self.customers is not None:
            chosen.append(or_(false(), *map(_by_customer, self.customers)))
        if self.model is not None:
            chosen.append(PREDICTIONS.c.model == self.model)
        if self.aside:
            chosen.append(ASIDE)
        return and_(*chosen)


@dataclass(frozen=True)
class Tally:
    """How many rows were chosen, and how many of them count, are taken back, and are set aside."""

    rows: int
    standing: int
    undone: int
    set_aside: int


@dataclass(frozen=True)
class Aside:
    """Rows of a model that a run set aside together and that nobody restored or took back since."""

    model: str
    rows: int
    time: datetime
    reason: str


def _by_customer(first: str | None) -> ColumnElement[bool]:
    return CUSTOMER.is_(None) if first is None else CUSTOMER.startswith(first, autoescape=True)


class Labels:
    """The feedback of one database. What is changed counts at once, in every service and the next retraining."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def key_ids(self, key: str) -> tuple[str, ...]:
        """The ids of every key that ever had this name, and what may be an id itself."""
        with self._engine.connect() as connection:
            return (*connection.scalars(select(KEYS.c.id).where(KEYS.c.name == key)), key)

    def find(self, choice: Choice, limit: int) -> list[Row]:
        """The newest rows of a choice, the newest first."""
        columns = (FEEDBACK.c.id, FEEDBACK.c.time, PREDICTIONS.c.model, FEEDBACK.c.prediction, PREDICTIONS.c.text, WORD)
        told = (FEEDBACK.c.correct, FEEDBACK.c.rating, FEEDBACK.c.comment)
        author = (FEEDBACK.c.api_key, KEYS.c.name, CUSTOMER, func.coalesce(FEEDBACK.c.review, False))
        none = func.coalesce(FEEDBACK.c.none_fits, False)
        state = (FEEDBACK.c.undone, FEEDBACK.c.set_aside, FEEDBACK.c.reason, none)
        named = JOINED.outerjoin(KEYS, KEYS.c.id == FEEDBACK.c.api_key)
        rows = select(*columns, *told, *author, *state).select_from(named).where(choice.condition())
        with self._engine.connect() as connection:
            return [Row(*row) for row in connection.execute(rows.order_by(FEEDBACK.c.id.desc()).limit(limit))]

    def count(self, choice: Choice) -> Tally:
        """How much was chosen."""
        one = func.count()
        counts = (one, one.filter(STANDS), func.count(FEEDBACK.c.undone), one.filter(ASIDE))
        with self._engine.connect() as connection:
            return Tally(*connection.execute(select(*counts).select_from(JOINED).where(choice.condition())).one())

    def undo(self, choice: Choice) -> int:
        """Take rows back for good; how many were not before."""
        return self._change(choice, FEEDBACK.c.undone.is_(None), undone=datetime.now(UTC))

    def set_aside(self, choice: Choice, reason: str | None = None) -> int:
        """Let rows say nothing until they are restored; how many said something before. `reason` is a run's."""
        return self._change(choice, STANDS, set_aside=datetime.now(UTC), reason=reason)

    def restore(self, choice: Choice) -> int:
        """Let rows count again; how many were set aside."""
        return self._change(choice, ASIDE, set_aside=None, reason=None)

    def set_sender_aside(self, model: str, sender: Sender, reason: str) -> int:
        """Set aside what a sender said of one model's answers; how many rows."""
        mine = sender.sent() & (PREDICTIONS.c.model == model)
        with writing(self._engine) as connection:
            return _changed(connection, mine & STANDS, set_aside=datetime.now(UTC), reason=reason)

    def senders(self, model: str, vocabulary: Vocabulary) -> list[Sent]:
        """Whoever teaches a model, customer by customer, those with most rows first."""
        with self._engine.connect() as connection:
            return senders.senders(connection, model, vocabulary)

    def aside(self) -> list[Aside]:
        """What runs have set aside, and nobody looked after since."""
        rows = select(PREDICTIONS.c.model, func.count(), FEEDBACK.c.set_aside, FEEDBACK.c.reason).select_from(JOINED)
        alone = rows.where(ASIDE, FEEDBACK.c.reason.is_not(None))
        grouped = alone.group_by(PREDICTIONS.c.model, FEEDBACK.c.set_aside, FEEDBACK.c.reason)
        with self._engine.connect() as connection:
            return [Aside(*row) for row in connection.execute(grouped.order_by(FEEDBACK.c.set_aside))]

    def _change(self, choice: Choice, state: ColumnElement[bool], **values: object) -> int:
        with writing(self._engine) as connection:
            return _changed(connection, choice.condition() & state, **values)


def _changed(connection: Connection, condition: ColumnElement[bool], **values: object) -> int:
    chosen = select(FEEDBACK.c.id).select_from(JOINED).where(condition)
    return connection.execute(update(FEEDBACK).where(FEEDBACK.c.id.in_(chosen)).values(**values)).rowcount
