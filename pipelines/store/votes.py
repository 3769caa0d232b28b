"""Which label people gave a text: one vote per customer within a key, and the newest word of a reviewer before all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, null, select

from pipelines.store.tables import FEEDBACK, PREDICTIONS, same

JOINED = FEEDBACK.join(PREDICTIONS)
# A label somebody named, or the predicted one somebody confirmed; NULL where neither was said.
WORD = func.coalesce(FEEDBACK.c.label, case((FEEDBACK.c.correct.is_(True), PREDICTIONS.c.label)))
# The vote that no label fits. No label is empty.
NOTHING = ""
STANDS = and_(FEEDBACK.c.undone.is_(None), FEEDBACK.c.set_aside.is_(None))
# Who speaks, within a key: the customer named with the feedback, or the one who wrote the message; a reviewer is none.
CUSTOMER = case((FEEDBACK.c.review.is_(True), null()), else_=func.coalesce(FEEDBACK.c.customer, PREDICTIONS.c.customer))


@dataclass(frozen=True)
class Vocabulary:
    """Which cells may be taught: `only` these where a target lists them, else all but those that it reads otherwise.

    `otherwise` has these, each as the target writes it now, or None for what it does not allow any more.
    """

    only: tuple[str, ...] | None = None
    otherwise: Mapping[str, str | None] = field(default_factory=dict)


ANY = Vocabulary()


@dataclass(frozen=True)
class Sender:
    """Whoever sends with one key (its id, or None: without a key), or with `customers` one customer within that key.

    `customer` is a keyed hash, or None for what names nobody. What reviewers decided is no sender's.
    """

    key: str | None
    customer: str | None = None
    customers: bool = False

    def sent(self) -> ColumnElement[bool]:
        """The condition on JOINED that picks the sender's rows."""
        mine = same(FEEDBACK.c.api_key, self.key) & FEEDBACK.c.review.is_not(True)
        return mine & same(CUSTOMER, self.customer) if self.customers else mine


def teaches(model: str, vocabulary: Vocabulary) -> ColumnElement[bool]:
    """The condition on JOINED that picks what stands and names a label that may be taught."""
    return _of(model) & _word(vocabulary).is_not(None)


def votes(model: str, vocabulary: Vocabulary) -> ColumnElement[bool]:
    """The condition on JOINED that picks what stands and is a vote: for a label, or that none fits."""
    return _of(model) & _vote(vocabulary).is_not(None)


def given(connection: Connection, model: str) -> list[str]:
    """Every cell that feedback on a model's answers names and that stands."""
    return list(connection.scalars(select(WORD.distinct()).select_from(JOINED).where(teaches(model, ANY))))


def decided(
    model: str,
    vocabulary: Vocabulary,
    among: ColumnElement[bool] | None = None,
    without: Sender | None = None,
) -> Subquery:
    """A row per text: `key`, the `label` that most voters gave it, how many `tie`, the newest `feedback` and `review`.

    The label is NOTHING where most say that none fits. The newest word of any reviewer decides: reviewers see what was
    said before them, and each can end a dispute. Where `tie` is over 1, `label` is any of those. `among` narrows down
    the texts; `review` is 0 where no reviewer said anything.
    """
    votes = counted(model, vocabulary, among, without)
    best = func.rank().over(partition_by=votes.c.key, order_by=(votes.c.reviewed.desc(), votes.c.votes.desc()))
    ranked = select(votes, best.label("rank")).subquery()
    won = select(ranked.c.key, func.max(ranked.c.label).label("label"), func.max(ranked.c.feedback).label("feedback"))
    won = won.add_columns(func.max(ranked.c.reviewed).label("review"))
    return won.add_columns(func.count().label("tie")).where(ranked.c.rank == 1).group_by(ranked.c.key).subquery()


def counted(
    model: str,
    vocabulary: Vocabulary,
    among: ColumnElement[bool] | None = None,
    without: Sender | None = None,
) -> Subquery:
    """A row per text and label: `key`, `label`, `votes`, the newest `feedback`, and the newest one `reviewed`, or 0.

    Of one voter the newest word counts.
    """
    newest = func.row_number().over(
        partition_by=(PREDICTIONS.c.key, FEEDBACK.c.api_key, CUSTOMER), order_by=FEEDBACK.c.id.desc()
    )
    vote = _vote(vocabulary)
    words = select(PREDICTIONS.c.key, vote.label("label"), FEEDBACK.c.id, FEEDBACK.c.review, newest.label("place"))
    words = words.select_from(JOINED).where(_of(model, by_text=among is not None), vote.is_not(None))
    if among is not None:
        words = words.where(among)
    if without is not None:
        words = words.where(without.sent().is_not(True))  # NULL where a row has no key
    voices = words.subquery()
    reviewed = func.max(case((voices.c.review.is_(True), voices.c.id), else_=0)).label("reviewed")
    votes = select(voices.c.key, voices.c.label, func.max(voices.c.id).label("feedback"))
    votes = votes.add_columns(func.count().label("votes"), reviewed).where(voices.c.place == 1)
    return votes.group_by(voices.c.key, voices.c.label).subquery()


def _of(model: str, *, by_text: bool = False) -> ColumnElement[bool]:
    """The condition on JOINED that picks the feedback on a model's answers that stands.

    The database begins with the feedback and looks its predictions up; with `by_text` it begins with the texts that
    another condition names. Left alone, SQLite begins with all predictions of a model: there are many more of them.
    """
    return and_((PREDICTIONS.c.model if by_text else PREDICTIONS.c.model.concat("")) == model, STANDS)


def _word(vocabulary: Vocabulary) -> ColumnElement[str]:
    """The label that a row names, as the target writes it now; NULL where it names none that may be taught."""
    if vocabulary.only is not None:
        return case((WORD.in_(vocabulary.only), WORD))
    gone = [cell for cell, now in vocabulary.otherwise.items() if now is None]
    moved = {cell: now for cell, now in vocabulary.otherwise.items() if now is not None}
    word = case(moved, value=WORD, else_=WORD) if moved else WORD
    return case((WORD.not_in(gone), word)) if gone else word


def _vote(vocabulary: Vocabulary) -> ColumnElement[str]:
    """The label, NOTHING for none of them, NULL where a row is no vote."""
    return func.coalesce(_word(vocabulary), case((FEEDBACK.c.none_fits.is_(True), NOTHING)))
