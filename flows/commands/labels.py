"""Commands about feedback rows: list, undo, set-aside, restore; single ones, or all of a key or a customer."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.label_rows import DIGITS, print_change, print_rows
from flows.commands.report import Json
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from pipelines.store.feedback_cleanup import Choice, Labels, Tally

LARGEST = 2**63 - 1  # id that a database keeps
Ids = Annotated[list[int] | None, typer.Argument(help="Ids of rows, as listed.", max=LARGEST)]
Key = Annotated[str | None, typer.Option(help="All rows that came with this API key: its name or its id.")]
NoKey = Annotated[bool, typer.Option("--no-key", help="All rows that came without an API key.")]
Customer = Annotated[
    str | None,
    typer.Option(help=f"All rows of this customer: as sent, or at least {DIGITS} digits of the listed hash."),
]
NoCustomer = Annotated[bool, typer.Option("--no-customer", help="All rows that no customer said.")]
Model = Annotated[str | None, typer.Option(help="Only rows about this model.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many rows it would be; change nothing.")]

labels = typer.Typer(help="What people said of answers: look at it, take it back, set it aside.", no_args_is_help=True)


@labels.command("list")
def listed(
    ids: Ids = None,
    key: Key = None,
    no_key: NoKey = False,
    customer: Customer = None,
    no_customer: NoCustomer = False,
    model: Model = None,
    aside: Annotated[bool, typer.Option("--set-aside", help="Only rows that are set aside.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many rows, the newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List feedback rows with their masked texts and their senders, and count all that match."""
    rows = _rows()
    choice = _choice(rows, ids, key, no_key, customer, no_customer, model, aside)
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
    """Take rows back for good: they stay on record, say nothing and are never learnt from."""
    rows = _rows()
    choice = _required(_choice(rows, ids, key, no_key, customer, no_customer, model, aside))
    before = _matching(rows, choice)
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
    """Let rows say nothing, and not be learnt from, until they are restored."""
    rows = _rows()
    choice = _required(_choice(rows, ids, key, no_key, customer, no_customer, model))
    before = _matching(rows, choice)
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
    """Let rows that are set aside count again; the next retraining learns from them."""
    rows = _rows()
    choice = _required(_choice(rows, ids, key, no_key, customer, no_customer, model))
    before = _matching(rows, choice)
    changed = before.set_aside if dry_run else rows.restore(choice)
    print_change("restored", changed, before, dry_run, as_json)


def _rows() -> "Labels":
    from pipelines.store.store import Store

    return Store(Settings().activate().database).labels()


def _choice(
    rows: "Labels",
    ids: list[int] | None,
    key: str | None,
    no_key: bool,
    customer: str | None,
    no_customer: bool,
    model: str | None,
    aside: bool = False,
) -> "Choice":
    """Raises BadParameter for an empty value, which would choose every row, and for a key that never was."""
    from pipelines.store.feedback_cleanup import Choice

    for option, value in {"--key": key, "--customer": customer, "--model": model}.items():
        if value is not None and not value.strip():
            raise typer.BadParameter(f"{option} is empty: a variable that is not set?")
    if (key and no_key) or (customer and no_customer):
        raise typer.BadParameter("choose one: --key or --no-key, --customer or --no-customer")
    keys = (None,) if no_key else rows.key_ids(key) if key else None
    customers = (None,) if no_customer else _hashes(customer) if customer else None
    return Choice(tuple(ids or ()), keys, customers, model, aside)


def _hashes(customer: str) -> tuple[str, ...]:
    """The keyed hash of a customer as sent, and what may be the beginning of a listed hash."""
    from pipelines.masking.identity import customer_hash, secret_key

    listed = len(customer) >= DIGITS and set(customer) <= set("0123456789abcdef")
    return (customer_hash(customer, secret_key(Settings().home)), *((customer,) if listed else ()))


def _required(choice: "Choice") -> "Choice":
    """A choice that picks something: every row there is cannot be changed by a forgotten option."""
    if choice.picks:
        return choice
    raise typer.BadParameter("say which rows: their ids, --key, --no-key, --customer, --no-customer or --model")


def _matching(rows: "Labels", choice: "Choice") -> "Tally":
    """Count the chosen rows by state. Ends the command with exit code 1 where no row matches."""
    counts = rows.count(choice)
    if counts.rows:
        return counts
    typer.echo("no row matches: `needloop labels list` shows ids, keys and customers as they are chosen", err=True)
    raise typer.Exit(1)
