"""A filter of feedback rows, by id, key, customer, model and state."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, true

from pipelines.store.tables import FEEDBACK, PREDICTIONS, equals
from pipelines.store.votes import CUSTOMER

ASIDE = FEEDBACK.c.set_aside.is_not(None) & FEEDBACK.c.undone.is_(None)


@dataclass(frozen=True)
class FeedbackFilter:
    """A filter of feedback rows: all conditions must hold; without conditions it matches every row.

    `keys` are ids of API keys, with None for rows without a key; `customers` are keyed hashes or their first digits,
    with None for rows without a customer; `aside` matches the rows that are set aside.
    """

    ids: tuple[int, ...] = ()
    keys: tuple[str | None, ...] | None = None
    customers: tuple[str | None, ...] | None = None
    model: str | None = None
    aside: bool = False

    @property
    def narrows(self) -> bool:
        """True if it has a condition."""
        return self != FeedbackFilter()

    def condition(self) -> ColumnElement[bool]:
        """The condition on JOINED."""
        conditions: list[ColumnElement[bool]] = [true()]
        if self.ids:
            conditions.append(FEEDBACK.c.id.in_(self.ids))
        if self.keys is not None:
            conditions.append(or_(false(), *(equals(FEEDBACK.c.api_key, key) for key in self.keys)))
        if self.customers is not None:
            conditions.append(or_(false(), *map(_by_customer, self.customers)))
        if self.model is not None:
            conditions.append(PREDICTIONS.c.model == self.model)
        if self.aside:
            conditions.append(ASIDE)
        return and_(*conditions)


def _by_customer(prefix: str | None) -> ColumnElement[bool]:
    return CUSTOMER.is_(None) if prefix is None else CUSTOMER.startswith(prefix, autoescape=True)
