"""The outcome of every row of a source, as a table for people and as JSON for scripts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pipelines.ingestion.row_report import RowReport


def print_rows(report: "RowReport", notes: tuple[str, ...] = (), *, title: str = "", err: bool = False) -> None:
    """Print the table, the notes, and a warning if more than a tenth of the rows is lost; `title` names the model."""
    console = Console(stderr=err, highlight=False)
    console.print(_table(report, f"{title}: what" if title else "What"))
    for note in (*report.notes, *notes):
        console.print(Text(f"note: {note}"), soft_wrap=True)
    if report.warning:
        console.print(Text(f"warning: {report.warning}", style="yellow"), soft_wrap=True)


def _table(report: "RowReport", what: str) -> Table:
    table = Table(title=f"{what} became of {report.read:,} rows", title_justify="left")
    table.add_column("rows", justify="right")
    table.add_column("became")
    table.add_column("examples (masked)", ratio=1)
    for words, rows, _ in report.table():
        reason = words.removeprefix("left out: ")
        table.add_row(f"{rows:,}", words, Text("\n".join(report.examples.get(reason, []))))
    return table


@contextmanager
def rows_of_errors(as_json: bool) -> Iterator[None]:
    """Print the rows of an error that has them, under --json with its sentence, and raise it again."""
    try:
        yield
    except ValueError as error:
        _print_failure(error, getattr(error, "rows", None), as_json=as_json)
        raise


def _print_failure(error: Exception, rows: "RowReport | None", *, as_json: bool) -> None:
    if rows is None:
        return
    if as_json:
        typer.echo(json.dumps({"error": str(error), "rows": rows.document()}, indent=1, ensure_ascii=False))
    else:
        print_rows(rows, err=True)
