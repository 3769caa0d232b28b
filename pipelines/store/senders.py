"""Who sent the feedback that teaches a model, how much of it, and how to name them in words and to a command."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pipelines.store.tables import FEEDBACK, KEYS
from pipelines.store.votes import CUSTOMER, JOINED, Sender, Vocabulary, votes

DIGITS = 12  # of a customer's hash: enough to tell one from another, and to name one to a command


@dataclass(frozen=True)
class Sent:
    """How many standing rows of a sender teach a label; `review` where a reviewer decided so. `name` is the key's."""

    sender: Sender
    rows: int
    review: bool
    name: str | None

    def __str__(self) -> str:
        """In words: whose rows these are."""
        key = f"key {self.name or self.sender.key}" if self.sender.key else "no key"
        if self.review:
            return f"the reviewer with {key}"
        if not self.sender.customers:
            return f"everybody with {key}"
        customer = self.sender.customer
        return f"customer {customer[:DIGITS]} with {key}" if customer else f"{key} without a customer"

    @property
    def options(self) -> str:
        """What picks these rows in `needloop labels`."""
        key = f"--key {self.sender.key}" if self.sender.key else "--no-key"
        if not self.sender.customers:
            return key
        return f"{key} --customer {self.sender.customer[:DIGITS]}" if self.sender.customer else f"{key} --no-customer"


def senders(connection: Connection, model: str, vocabulary: Vocabulary) -> list[Sent]:
    """All who vote for a label of `vocabulary` or that none fits, by customer, those with most rows first."""
    review = func.coalesce(FEEDBACK.c.review, False)
    rows = select(FEEDBACK.c.api_key, CUSTOMER.label("customer"), review.label("review"), func.count().label("rows"))
    taught = rows.select_from(JOINED).where(votes(model, vocabulary)).group_by(FEEDBACK.c.api_key, CUSTOMER, review)
    names = {row.id: row.name for row in connection.execute(select(KEYS.c.id, KEYS.c.name))}
    found = [
        Sent(Sender(key, customer, customers=True), rows, bool(review), names.get(key))
        for key, customer, review, rows in connection.execute(taught)
    ]
    return sorted(found, key=lambda sent: -sent.rows)


def by_key(found: Iterable[Sent]) -> list[Sent]:
    """The same without reviewers, key by key, those with most rows first."""
    rows: dict[str | None, int] = {}
    names = {sent.sender.key: sent.name for sent in found}
    for sent in found:
        if not sent.review:
            rows[sent.sender.key] = rows.get(sent.sender.key, 0) + sent.rows
    together = [Sent(Sender(key), count, False, names[key]) for key, count in rows.items()]
    return sorted(together, key=lambda sent: -sent.rows)
