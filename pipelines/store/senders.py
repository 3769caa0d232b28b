"""The senders of labelled feedback, with their numbers of rows, their names and their command-line options."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pipelines.store.tables import FEEDBACK, KEYS
from pipelines.store.votes import CUSTOMER, JOINED, AllowedCells, Sender, is_vote

DIGITS = 12  # of a customer's hash: enough to identify a customer, also in a command


@dataclass(frozen=True)
class SenderRows:
    """The number of a sender's standing votes; `review` is true for a reviewer, `name` is the key's name."""

    sender: Sender
    rows: int
    review: bool
    name: str | None

    def __str__(self) -> str:
        """The sender in words."""
        key = f"key {self.name or self.sender.key}" if self.sender.key else "no key"
        if self.review:
            return f"the reviewer with {key}"
        if not self.sender.customers:
            return f"everybody with {key}"
        customer = self.sender.customer
        return f"customer {customer[:DIGITS]} with {key}" if customer else f"{key} without a customer"

    @property
    def options(self) -> str:
        """The options of `needloop labels` that select these rows."""
        key = f"--key {self.sender.key}" if self.sender.key else "--no-key"
        if not self.sender.customers:
            return key
        return f"{key} --customer {self.sender.customer[:DIGITS]}" if self.sender.customer else f"{key} --no-customer"


def senders(connection: Connection, model: str, vocabulary: AllowedCells) -> list[SenderRows]:
    """The senders of votes for a label of `vocabulary` or for none, by customer, the most rows first."""
    review = func.coalesce(FEEDBACK.c.review, False)
    rows = select(FEEDBACK.c.api_key, CUSTOMER.label("customer"), review.label("review"), func.count().label("rows"))
    grouped = rows.select_from(JOINED).where(is_vote(model, vocabulary)).group_by(FEEDBACK.c.api_key, CUSTOMER, review)
    names = {row.id: row.name for row in connection.execute(select(KEYS.c.id, KEYS.c.name))}
    by_customer = [
        SenderRows(Sender(key, customer, customers=True), count, bool(is_review), names.get(key))
        for key, customer, is_review, count in connection.execute(grouped)
    ]
    return sorted(by_customer, key=lambda group: -group.rows)


def by_key(groups: Iterable[SenderRows]) -> list[SenderRows]:
    """The groups merged by key and without reviewers, the most rows first."""
    rows: dict[str | None, int] = {}
    names = {group.sender.key: group.name for group in groups}
    for group in groups:
        if not group.review:
            rows[group.sender.key] = rows.get(group.sender.key, 0) + group.rows
    merged = [SenderRows(Sender(key), count, False, names[key]) for key, count in rows.items()]
    return sorted(merged, key=lambda group: -group.rows)
