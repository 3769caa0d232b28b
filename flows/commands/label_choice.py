"""The choice of feedback rows by the options of a command."""

from typing import TYPE_CHECKING

import typer

from flows.commands.label_rows import DIGITS
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.store.feedback_cleanup import CleanupTotals, FeedbackCleanup
    from pipelines.store.feedback_filter import FeedbackFilter


def choose(
    rows: "FeedbackCleanup",
    ids: list[int] | None,
    key: str | None,
    no_key: bool,
    customer: str | None,
    no_customer: bool,
    model: str | None,
    aside: bool = False,
) -> "FeedbackFilter":
    """The filter of the options; raises BadParameter for an empty value and for options that exclude each other."""
    from pipelines.store.feedback_filter import FeedbackFilter

    for option, value in {"--key": key, "--customer": customer, "--model": model}.items():
        if value is not None and not value.strip():
            raise typer.BadParameter(f"{option} is empty: give a value; is a shell variable not set?")
    if (key and no_key) or (customer and no_customer):
        raise typer.BadParameter("give only one of --key and --no-key, and only one of --customer and --no-customer")
    keys = (None,) if no_key else rows.key_ids(key) if key else None
    customers = (None,) if no_customer else _hashes(customer) if customer else None
    return FeedbackFilter(tuple(ids or ()), keys, customers, model, aside)


def _hashes(customer: str) -> tuple[str, ...]:
    """The keyed hash of a customer's id, and the value itself if it may be the beginning of a listed hash."""
    from pipelines.masking.identity import customer_hash, secret_key

    listed = len(customer) >= DIGITS and set(customer) <= set("0123456789abcdef")
    return (customer_hash(customer, secret_key(Settings().home)), *((customer,) if listed else ()))


def require_condition(choice: "FeedbackFilter") -> "FeedbackFilter":
    """The filter; raises BadParameter if it matches every row, so a forgotten option changes nothing."""
    if choice.narrows:
        return choice
    raise typer.BadParameter("choose rows: give ids, --key, --no-key, --customer, --no-customer or --model")


def count_matching(rows: "FeedbackCleanup", choice: "FeedbackFilter") -> "CleanupTotals":
    """Count the chosen rows by state. Ends the command with exit code 1 if no row matches."""
    counts = rows.count(choice)
    if counts.rows:
        return counts
    typer.echo("no row matches: `needloop labels list` shows the ids, keys and customers to choose by", err=True)
    raise typer.Exit(1)
