"""Commands that save the state folder and put it back: backup, restore."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from flows.commands.report import Json
from pipelines.runtime.settings import Settings
from pipelines.runtime.wording import plain, several

if TYPE_CHECKING:
    from pipelines.home.workspace import Workspace


ENTRIES = ("ledger entry", "ledger entries")


def backup(
    file: Annotated[Path, typer.Argument(help="A new file, outside the home; compressed if its name ends in .gz.")],
    as_json: Json = False,
) -> None:
    """Write everything that the home keeps into one file, also while it is in use. It holds secret.key: guard it."""
    from pipelines.card.figures import size
    from pipelines.home.backup import back_up

    workspace = Settings().activate().workspace
    with _bar("backup") as (started, watch):
        made = back_up(file.expanduser().absolute(), workspace, started, watch)
    if as_json:
        typer.echo(json.dumps(asdict(made)))
        return
    held = f"{several(made.files, 'file')}, {several(made.entries, *ENTRIES)}"
    typer.echo(f"{made.file}: {size(made.bytes)}, {held}; it holds secret.key")
    for name in made.left_out:
        typer.echo(f"not in it, back it up by its own means: {name}")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What needloop backup wrote.")],
    accept_older: Annotated[bool, typer.Option("--accept-older", help="Also over a home that knows more.")] = False,
    as_json: Json = False,
) -> None:
    """Make the home what it was when it was backed up, whole or not at all. Stop what uses it first."""
    from pipelines.home.restoring import restore as put_back

    settings = Settings()
    with _bar("restore") as (_, watch):
        made = put_back(file, settings.home, accept_older, watch)
    if accept_older and settings.database_url:
        _forget_head(settings.workspace)
    if as_json:
        typer.echo(json.dumps(asdict(made)))
        return
    was = f"{plain(made.root)} was at {plain(made.made)}"  # as the backup says
    typer.echo(f"{made.home} is what {was}: {several(made.entries, *ENTRIES)}, {several(made.files, 'file')}")
    typer.echo("next: needloop audit")


def _forget_head(workspace: "Workspace") -> None:
    """A database elsewhere was not restored: it would take the older ledger for one that lost entries."""
    from pipelines.masking.identity import secret_key

    workspace.store.forget_head(secret_key(workspace.home))


@contextmanager
def _bar(title: str) -> Iterator[tuple[Callable[[int], object], Callable[[int], object]]]:
    """A bar on stderr: a function to tell how many bytes there are, one that tells how many more went by."""
    columns = TextColumn("{task.description:<8}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bars:
        bar = bars.add_task(title, total=None)
        yield lambda total: bars.update(bar, total=total), lambda more: bars.advance(bar, more)


COMMANDS = (backup, restore)
