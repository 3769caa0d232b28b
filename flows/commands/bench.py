"""Commands that measure: bench."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from pipelines.bench.adaptation import Results
    from pipelines.bench.part import Bench, Progress

bench = typer.Typer(help="Measure this machine and what Needloop makes of it, beside its peers.", no_args_is_help=True)


Data = Annotated[str, typer.Option(help="Folder of the public data sets; without it only the bundled ones.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Measure again what was measured already.")]


@bench.command()
def adaptation(
    data: Data = "",
    only: Annotated[list[str] | None, typer.Option(help="One part by name; may be given several times.")] = None,
    as_json: Json = False,
    fresh: Fresh = False,
) -> None:
    """Accuracy, speed and cost of adaptation beside its peers; goes on where it was stopped."""
    from pipelines.bench.adaptation import adaptation as measured

    _measured("adaptation", data, lambda run: measured(run, only or []), as_json=as_json, fresh=fresh)


@bench.command()
def gate(
    data: Data = "",
    trials: Annotated[int, typer.Option(min=1, help="Test splits drawn for each rate.")] = 1000,
    as_json: Json = False,
    fresh: Fresh = False,
) -> None:
    """How often the promotion gate errs, by simulation on saved answers of two real models, and how long it takes."""
    from pipelines.bench.gate.gate_benchmark import gate as measured

    _measured("gate", data, lambda run: measured(run, trials), as_json=as_json, fresh=fresh)


@bench.command()
def serving(
    rounds: Annotated[int, typer.Option(min=1, help="How often each server is loaded, in turns.")] = 3,
    seconds: Annotated[int, typer.Option(min=1, help="Of each load.")] = 4,
    as_json: Json = False,
) -> None:
    """How fast a champion is served, beside its peers on the same machine; needs wrk (apt-get install wrk)."""
    from pipelines.bench.serving.serving_benchmark import serving as measured

    settings = Settings()
    _measured("serving", "", lambda run: measured(run, settings, rounds, seconds), as_json=as_json, fresh=True)


def _measured(name: str, data: str, measure: "Callable[[Bench], Results]", *, as_json: bool, fresh: bool) -> None:
    """Measure under a bar, and show the table or print the document."""
    settings = Settings().activate()
    from pipelines.bench.part import Bench
    from pipelines.bench.table import shown

    work = settings.home / "bench" / name
    folder = Path(data).expanduser().absolute() if data else None
    err = Console(stderr=True, highlight=False, markup=False)
    with _bars(err) as progress:
        results = measure(Bench(folder, work, err.print, progress, fresh))
    if as_json:
        typer.echo(json.dumps(results.document(), indent=1))
        return
    Console().print(shown(results.measures, results.skipped, results.machine))
    err.print(f"written: {work}/results.json, results.md and pictures")


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
