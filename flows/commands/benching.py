"""Commands that measure: bench."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.bench.measure import Progress

bench = typer.Typer(help="Measure this machine and what Needloop makes of it, beside its peers.", no_args_is_help=True)


@bench.callback()
def _benches() -> None:
    """Keep `adaptation` a command by name, also while it is the only one."""


@bench.command()
def adaptation(
    data: Annotated[str, typer.Option(help="Folder of the public data sets; without it only the bundled one.")] = "",
    only: Annotated[list[str] | None, typer.Option(help="One part by name; may be given several times.")] = None,
    as_json: Json = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure again what was measured already.")] = False,
) -> None:
    """Accuracy, speed and cost of adaptation beside its peers; goes on where it was stopped."""
    settings = Settings().activate()
    from pipelines.bench.adaptation import adaptation as measured
    from pipelines.bench.measure import Bench
    from pipelines.bench.table import shown

    work = settings.home / "bench" / "adaptation"
    folder = Path(data).expanduser().absolute() if data else None
    err = Console(stderr=True, highlight=False, markup=False)
    with _bars(err) as progress:
        results = measured(Bench(folder, work, err.print, progress, fresh), only or [])
    if as_json:
        typer.echo(json.dumps(results.document(), indent=1))
        return
    Console().print(shown(results.measures, results.skipped, results.machine))
    err.print(f"written: {work}/results.json, results.md and plots/")


@contextmanager
def _bars(console: Console) -> "Iterator[Progress]":
    """A bar for each thing under way; one that is done goes."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True) as shown:
        bars = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = shown.add_task(what, total=total)
            shown.update(bars[what], completed=done, total=total, visible=done < total)

        yield tell
