"""Commands that back up and restore the state folder: backup, restore."""

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
from pipelines.runtime.wording import counted_noun, printable
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.workspace.workspace import Workspace


ENTRIES = ("ledger entry", "ledger entries")


def backup(
    file: Annotated[Path, typer.Argument(help="A new file outside the home; compressed if its name ends in .gz.")],
    as_json: Json = False,
) -> None:
    """Write the state folder into one file, also while it is in use. The file holds secret.key: protect it."""
    from pipelines.backup.backup import back_up
    from pipelines.evaluation.figures import size

    workspace = Settings().activate().workspace
    with _bar("backup") as (set_total, advance):
        written = back_up(file.expanduser().absolute(), workspace, set_total, advance)
    if as_json:
        typer.echo(json.dumps(asdict(written)))
        return
    content = f"{counted_noun(written.files, 'file')}, {counted_noun(written.entries, *ENTRIES)}"
    typer.echo(f"{written.file}: {size(written.bytes)}, {content}; it holds secret.key")
    for name in written.left_out:
        typer.echo(f"not in the backup, back it up separately: {name}")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file written by `needloop backup`.")],
    accept_older: Annotated[
        bool, typer.Option("--accept-older", help="Restore even if the home has newer entries, which are then lost.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Restore the state folder from a backup, completely or not at all. Stop `needloop up` and `serve` first."""
    from pipelines.backup.restoring import restore_backup

    settings = Settings()
    with _bar("restore") as (_, advance):
        restored = restore_backup(file, settings.home, accept_older, advance)
    if accept_older and settings.database_url:
        _forget_head(settings.workspace)
    if as_json:
        typer.echo(json.dumps(asdict(restored)))
        return
    origin = f"{printable(restored.root)} was at {printable(restored.made)}"  # from the backup
    content = f"{counted_noun(restored.entries, *ENTRIES)}, {counted_noun(restored.files, 'file')}"
    typer.echo(f"{restored.home} is what {origin}: {content}")
    typer.echo("next: needloop audit")


def _forget_head(workspace: "Workspace") -> None:
    """Make an external database, which was not restored, accept the older ledger as one without lost entries."""
    from pipelines.masking.identity import secret_key

    workspace.store.forget_head(secret_key(workspace.home))


@contextmanager
def _bar(title: str) -> Iterator[tuple[Callable[[int], object], Callable[[int], object]]]:
    """A progress bar on stderr: a function that sets the total in bytes, and one that adds finished bytes."""
    columns = TextColumn("{task.description:<8}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bars:
        bar = bars.add_task(title, total=None)
        yield lambda total: bars.update(bar, total=total), lambda done: bars.advance(bar, done)


COMMANDS = (backup, restore)
