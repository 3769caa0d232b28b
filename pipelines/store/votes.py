"""Votes on the label of a text: one per customer within a key; the newest row of a reviewer decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, null, select

from pipelines.store.tables import FEEDBACK, PREDICTIONS, equals

JOINED = FEEDBACK.join(PREDICTIONS)
# The named label, or the confirmed predicted one; else NULL.
LABEL = func.coalesce(FEEDBACK.c.label, case((FEEDBACK.c.correct.is_(True), PREDICTIONS.c.label)))
# The vote that no label fits. A label is never empty.
NONE_FITS = ""
STANDING = and_(FEEDBACK.c.undone.is_(None), FEEDBACK.c.set_aside.is_(None))
# The voter within a key: the customer named with the feedback, else the author of the message; NULL for a reviewer.
CUSTOMER = case((FEEDBACK.c.review.is_(True), null()), else_=func.coalesce(FEEDBACK.c.customer, PREDICTIONS.c.customer))


@dataclass(frozen=True)
class AllowedCells:
    """The cells that may be learnt: `only` the listed ones, or else all except those in `otherwise`.

    `otherwise` maps a recorded cell to the target's current form of it, or to None if the target no longer allows it.
    """

    only: tuple[str, ...] | None = None
    otherwise: Mapping[str, str | None] = field(default_factory=dict)


ANY_LABEL = AllowedCells()


@dataclass(frozen=True)
class Sender:
    """All senders with one key (its id, or None: without a key), or with `customers` one customer within that key.

    `customer` is a keyed hash, or None for rows without a customer. A reviewer's rows have no sender.
    """

    key: str | None
    customer: str | None = None
    customers: bool = False

    def condition(self) -> ColumnElement[bool]:
        """The condition on JOINED for the sender's rows."""
        by_key = equals(FEEDBACK.c.api_key, self.key) & FEEDBACK.c.review.is_not(True)
        return by_key & equals(CUSTOMER, self.customer) if self.customers else by_key


def has_label(model: str, vocabulary: AllowedCells) -> ColumnElement[bool]:
    """The condition on JOINED for standing rows with a label that may be learnt."""
    return _standing_on(model) & _label(vocabulary).is_not(None)


def is_vote(model: str, vocabulary: AllowedCells) -> ColumnElement[bool]:
    """The condition on JOINED for standing rows that vote, for a label or that none fits."""
    return _standing_on(model) & _vote(vocabulary).is_not(None)


def named_cells(connection: Connection, model: str) -> list[str]:
    """The cells named by standing feedback on a model's answers."""
    return list(connection.scalars(select(LABEL.distinct()).select_from(JOINED).where(has_label(model, ANY_LABEL))))


def majority_labels(
    model: str,
    vocabulary: AllowedCells,
    among: ColumnElement[bool] | None = None,
    without: Sender | None = None,
) -> Subquery:
    """A row per text: `key`, its majority `label`, the number of labels that `tie`, newest `feedback` and `review`.

    The label may be NONE_FITS. The newest row of any reviewer decides: reviewers see the earlier feedback, and each can
    end a dispute. If `tie` is over 1, `label` is any of the tied ones. `among` narrows down the texts; `review` is 0
    without a reviewer.
    """
    counts = vote_counts(model, vocabulary, among, without)
    best = func.rank().over(partition_by=counts.c.key, order_by=(counts.c.reviewed.desc(), counts.c.votes.desc()))
    ranked = select(counts, best.label("rank")).subquery()
    won = select(ranked.c.key, func.max(ranked.c.label).label("label"), func.max(ranked.c.feedback).label("feedback"))
    won = won.add_columns(func.max(ranked.c.reviewed).label("review"))
    return won.add_columns(func.count().label("tie")).where(ranked.c.rank == 1).group_by(ranked.c.key).subquery()


def vote_counts(
    model: str,
    vocabulary: AllowedCells,
    among: ColumnElement[bool] | None = None,
    without: Sender | None = None,
) -> Subquery:
    """A row per text and label: `key`, `label`, `votes`, the newest `feedback`, the newest `reviewed` row or 0.

    The newest row of each voter counts.
    """
    newest = func.row_number().over(
        partition_by=(PREDICTIONS.c.key, FEEDBACK.c.api_key, CUSTOMER), order_by=FEEDBACK.c.id.desc()
    )
    vote = _vote(vocabulary)
    rows = select(PREDICTIONS.c.key, vote.label("label"), FEEDBACK.c.id, FEEDBACK.c.review, newest.label("place"))
    rows = rows.select_from(JOINED).where(_standing_on(model, by_text=among is not None), vote.is_not(None))
    if among is not None:
        rows = rows.where(among)
    if without is not None:
        rows = rows.where(without.condition().is_not(True))  # NULL if a row has no key
    votes = rows.subquery()
    reviewed = func.max(case((votes.c.review.is_(True), votes.c.id), else_=0)).label("reviewed")
    counts = select(votes.c.key, votes.c.label, func.max(votes.c.id).label("feedback"))
    counts = counts.add_columns(func.count().label("votes"), reviewed).where(votes.c.place == 1)
    return counts.group_by(votes.c.key, votes.c.label).subquery()


def _standing_on(model: str, *, by_text: bool = False) -> ColumnElement[bool]:
    """The condition on JOINED for standing feedback on a model's answers.

    The database scans the feedback and looks predictions up; with `by_text` it starts from the texts of another
    condition. By itself SQLite would start from all predictions of a model, of which there are many more.
    """
    return and_((PREDICTIONS.c.model if by_text else PREDICTIONS.c.model.concat("")) == model, STANDING)


def _label(vocabulary: AllowedCells) -> ColumnElement[str]:
    """The label of a row in the target's current form; NULL without a label that may be learnt."""
    if vocabulary.only is not None:
        return case((LABEL.in_(vocabulary.only), LABEL))
    removed = [cell for cell, current in vocabulary.otherwise.items() if current is None]
    renamed = {cell: current for cell, current in vocabulary.otherwise.items() if current is not None}
    label = case(renamed, value=LABEL, else_=LABEL) if renamed else LABEL
    return case((LABEL.not_in(removed), label)) if removed else label


def _vote(vocabulary: AllowedCells) -> ColumnElement[str]:
    """The label of a vote, NONE_FITS for none of them, NULL if the row is not a vote."""
    return func.coalesce(_label(vocabulary), case((FEEDBACK.c.none_fits.is_(True), NONE_FITS)))
