"""Commands that measure this machine: bench adaptation, gate, reading, serving, shortcuts."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.bench.adaptation import Results
    from pipelines.bench.part import Bench, Progress

bench = typer.Typer(
    help="Measure accuracy, gate errors and serving speed on this machine, beside other systems.", no_args_is_help=True
)


Data = Annotated[str, typer.Option(help="Folder of the public data sets; without it, only the bundled ones are used.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Repeat measurements that already have results.")]


@bench.command()
def adaptation(
    data: Data = "",
    only: Annotated[list[str] | None, typer.Option(help="Name of one part; may be repeated.")] = None,
    as_json: Json = False,
    fresh: Fresh = False,
) -> None:
    """Measure accuracy, speed and cost of adaptation beside other systems. A stopped run resumes."""
    from pipelines.bench.adaptation import run_adaptation

    _measured("adaptation", data, lambda run: run_adaptation(run, only or []), as_json=as_json, fresh=fresh)


@bench.command()
def gate(
    data: Data = "",
    trials: Annotated[int, typer.Option(min=1, help="Number of test splits drawn for each error rate.")] = 1000,
    as_json: Json = False,
    fresh: Fresh = False,
) -> None:
    """Measure the error rates and the duration of the gate, by simulation on saved answers of two real models."""
    from pipelines.bench.gate.gate_benchmark import run_gate_benchmark

    _measured("gate", data, lambda run: run_gate_benchmark(run, trials), as_json=as_json, fresh=fresh)


@bench.command()
def reading(
    data: Data = "",
    rows: Annotated[list[int] | None, typer.Option(min=1, help="Number of rows; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Measure seconds, memory and exactness of reading up to a million rows; needs BANKING77 in the data folder."""
    from pipelines.bench.reading.reading_benchmark import ROWS, run_reading_benchmark

    _measured("reading", data, lambda run: run_reading_benchmark(run, rows or ROWS), as_json=as_json, fresh=True)


@bench.command()
def serving(
    rounds: Annotated[int, typer.Option(min=1, help="Number of rounds; in each, every server is loaded once.")] = 3,
    seconds: Annotated[int, typer.Option(min=1, help="Duration of each load in seconds.")] = 4,
    as_json: Json = False,
) -> None:
    """Measure the serving speed of a champion beside other servers; needs wrk (apt-get install wrk)."""
    from pipelines.bench.serving.serving_benchmark import run_serving_benchmark

    settings = Settings()
    _measured(
        "serving", "", lambda run: run_serving_benchmark(run, settings, rounds, seconds), as_json=as_json, fresh=True
    )


@bench.command()
def shortcuts(
    rounds: Annotated[int, typer.Option(min=2, help="Number of rounds; in each, every variant is loaded once.")] = 8,
    seconds: Annotated[int, typer.Option(min=1, help="Duration of each load in seconds.")] = 3,
    as_json: Json = False,
) -> None:
    """Measure the service without each of its shortcuts; needs wrk (apt-get install wrk)."""
    from pipelines.bench.serving.shortcut_benchmark import run_shortcut_benchmark

    settings = Settings()
    _measured(
        "shortcuts", "", lambda run: run_shortcut_benchmark(run, settings, rounds, seconds), as_json=as_json, fresh=True
    )


def _measured(name: str, data: str, measure: "Callable[[Bench], Results]", *, as_json: bool, fresh: bool) -> None:
    """Measure with a progress bar, then print the table or the JSON document."""
    settings = Settings().activate()
    from pipelines.bench.part import Bench
    from pipelines.bench.table import to_table

    work = settings.home / "bench" / name
    folder = Path(data).expanduser().absolute() if data else None
    err = Console(stderr=True, highlight=False, markup=False)
    with _bars(err) as progress:
        results = measure(Bench(folder, work, err.print, progress, fresh))
    if as_json:
        typer.echo(json.dumps(results.document(), indent=1))
        return
    Console().print(to_table(results.measures, results.skipped, results.machine))
    err.print(f"written to {work}: results.json, results.md and pictures")


@contextmanager
def _bars(console: Console) -> "Iterator[Progress]":
    """A progress bar for each running part; a finished part's bar disappears."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True) as progress:
        bars = {}

        def update(part: str, done: int, total: int) -> None:
            if part not in bars:
                bars[part] = progress.add_task(part, total=total)
            progress.update(bars[part], completed=done, total=total, visible=done < total)

        yield update
