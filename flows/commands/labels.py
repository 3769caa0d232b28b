"""Commands about feedback rows, chosen by id, key, customer or model: list, undo, set-aside, restore."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.label_choice import choose, count_matching, require_condition
from flows.commands.label_rows import DIGITS, print_change, print_rows
from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.store.feedback_cleanup import FeedbackCleanup

LARGEST = 2**63 - 1  # largest id that a database holds
Ids = Annotated[list[int] | None, typer.Argument(help="Ids of rows, as listed by `needloop labels list`.", max=LARGEST)]
Key = Annotated[str | None, typer.Option(help="All rows sent with this API key: its name or its id.")]
NoKey = Annotated[bool, typer.Option("--no-key", help="All rows sent without an API key.")]
Customer = Annotated[
    str | None,
    typer.Option(help=f"All rows of this customer: the id as sent, or at least {DIGITS} digits of the listed hash."),
]
NoCustomer = Annotated[bool, typer.Option("--no-customer", help="All rows without a customer.")]
Model = Annotated[str | None, typer.Option(help="Only rows about this model.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the number of rows; change nothing.")]

labels = typer.Typer(
    help="Feedback rows: list them, take them back, set them aside, restore them.", no_args_is_help=True
)


@labels.command("list")
def listed(
    ids: Ids = None,
    key: Key = None,
    no_key: NoKey = False,
    customer: Customer = None,
    no_customer: NoCustomer = False,
    model: Model = None,
    aside: Annotated[bool, typer.Option("--set-aside", help="Only rows that are set aside.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Number of rows to list, the newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List feedback rows with their masked texts and senders, and count all rows that match."""
    rows = _rows()
    choice = choose(rows, ids, key, no_key, customer, no_customer, model, aside)
    print_rows(rows.find(choice, limit), rows.count(choice), as_json)


@labels.command()
def undo(
    ids: Ids = None,
    key: Key = None,
    no_key: NoKey = False,
    customer: Customer = None,
    no_customer: NoCustomer = False,
    model: Model = None,
    aside: Annotated[bool, typer.Option("--set-aside", help="All rows that are set aside.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take rows back permanently: they stay on record, count nowhere and are never learnt from."""
    rows = _rows()
    choice = require_condition(choose(rows, ids, key, no_key, customer, no_customer, model, aside))
    before = count_matching(rows, choice)
    changed = before.rows - before.undone if dry_run else rows.undo(choice)
    print_change("taken back", changed, before, dry_run, as_json)


@labels.command("set-aside")
def set_aside(
    ids: Ids = None,
    key: Key = None,
    no_key: NoKey = False,
    customer: Customer = None,
    no_customer: NoCustomer = False,
    model: Model = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Exclude rows from counts and from training until they are restored."""
    rows = _rows()
    choice = require_condition(choose(rows, ids, key, no_key, customer, no_customer, model))
    before = count_matching(rows, choice)
    changed = before.standing if dry_run else rows.set_aside(choice)
    print_change("set aside", changed, before, dry_run, as_json)


@labels.command()
def restore(
    ids: Ids = None,
    key: Key = None,
    no_key: NoKey = False,
    customer: Customer = None,
    no_customer: NoCustomer = False,
    model: Model = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Count rows again that were set aside; the next retraining learns from them."""
    rows = _rows()
    choice = require_condition(choose(rows, ids, key, no_key, customer, no_customer, model))
    before = count_matching(rows, choice)
    changed = before.set_aside if dry_run else rows.restore(choice)
    print_change("restored", changed, before, dry_run, as_json)


def _rows() -> "FeedbackCleanup":
    from pipelines.store.store import Store

    return Store(Settings().activate().database).feedback_cleanup()
