"""Rows of feedback as the terminal shows them, and as JSON for scripts."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from pipelines.store.feedback_cleanup import Row, Tally

DIGITS = 12  # of a customer's hash that are shown, and that choose one


def print_rows(rows: "list[Row]", counts: "Tally", as_json: bool) -> None:
    """Print the rows, and how many of all that match are in each state."""
    if as_json:
        typer.echo(json.dumps({"counts": asdict(counts), "rows": [_plain(row) for row in rows]}, indent=1))
        return
    if rows:
        Console().print(_table(rows))
    more = f"; the newest {len(rows)} are listed, --limit lists more" if len(rows) < counts.rows else ""
    typer.echo(f"{_counted(counts)}{more}")


def print_change(done: str, changed: int, before: "Tally", dry_run: bool, as_json: bool) -> None:
    """Print how many of the chosen rows were changed, or with `dry_run` would be."""
    if as_json:
        typer.echo(json.dumps({done.replace(" ", "_"): changed, "dry_run": dry_run, "chosen": asdict(before)}))
        return
    would = "would be " if dry_run else ""
    typer.echo(f"{changed} of {_number(before.rows)} {would}{done}")


def _number(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _counted(counts: "Tally") -> str:
    states = f"{counts.standing} counted, {counts.set_aside} set aside, {counts.undone} taken back"
    return f"{_number(counts.rows)}: {states}"


def _table(rows: "list[Row]") -> Table:
    """At 80 columns a cell takes several lines; nothing is cut but a text of over 120 characters."""
    narrow = [Column(head, overflow="fold") for head in ("id", "when", "model", "text", "says")]
    sender = Column("key, customer", overflow="fold", min_width=DIGITS)
    table = Table(*narrow, sender, Column("state", overflow="fold"), title="Feedback, the newest first")
    for row in rows:
        cells = (escape(row.text[:120]), escape(_says(row)), escape(_sender(row)), _state(row))
        table.add_row(str(row.id), f"{row.time:%F %H:%M}", row.model, *cells)
    return table


def _sender(row: "Row") -> str:
    """The key by its name, and the customer; one below the other."""
    key = f"{row.name or row.key or '–'}{' (reviewer)' if row.review else ''}"
    return f"{key}\n{(row.customer or '–')[:DIGITS]}"


def _says(row: "Row") -> str:
    wrong = "no label fits" if row.none else "wrong" if row.correct is False and row.said is None else ""
    stars = f"{row.rating} of 5 stars" if row.rating else ""
    return ", ".join(
        part for part in (row.said or wrong, stars, f"“{row.comment[:40]}”" if row.comment else "") if part
    )


def _state(row: "Row") -> str:
    if row.undone:
        return "taken back"
    by = "by a run" if row.reason else "by a person"
    return f"set aside {by}" if row.set_aside else "counts"


def _plain(row: "Row") -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(row).items()}
