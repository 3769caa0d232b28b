"""Feedback rows as a table for people and as JSON for scripts."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from pipelines.store.feedback_cleanup import CleanupTotals, FeedbackRow

DIGITS = 12  # of a customer's hash: as many are shown, and as many choose a customer


def print_rows(rows: "list[FeedbackRow]", counts: "CleanupTotals", as_json: bool) -> None:
    """Print the rows, and the number of matching rows in each state."""
    if as_json:
        typer.echo(json.dumps({"counts": asdict(counts), "rows": [_plain(row) for row in rows]}, indent=1))
        return
    if rows:
        Console().print(_table(rows))
    remainder = f"; the newest {len(rows)} are listed, --limit lists more" if len(rows) < counts.rows else ""
    typer.echo(f"{_counted(counts)}{remainder}")


def print_change(done: str, changed: int, before: "CleanupTotals", dry_run: bool, as_json: bool) -> None:
    """Print the number of chosen rows that were changed, or with `dry_run` would be."""
    if as_json:
        typer.echo(json.dumps({done.replace(" ", "_"): changed, "dry_run": dry_run, "chosen": asdict(before)}))
        return
    would = "would be " if dry_run else ""
    typer.echo(f"{changed} of {_number(before.rows)} {would}{done}")


def _number(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _counted(counts: "CleanupTotals") -> str:
    states = f"{counts.standing} counted, {counts.set_aside} set aside, {counts.undone} taken back"
    return f"{_number(counts.rows)}: {states}"


def _table(rows: "list[FeedbackRow]") -> Table:
    """A table for 80 columns; cells wrap, and only a text is cut, after 120 characters."""
    narrow = [Column(head, overflow="fold") for head in ("id", "when", "model", "text", "says")]
    sender = Column("key, customer", overflow="fold", min_width=DIGITS)
    table = Table(*narrow, sender, Column("state", overflow="fold"), title="Feedback, the newest first")
    for row in rows:
        cells = (escape(row.text[:120]), escape(_says(row)), escape(_sender(row)), _state(row))
        table.add_row(str(row.id), f"{row.time:%F %H:%M}", row.model, *cells)
    return table


def _sender(row: "FeedbackRow") -> str:
    """The name of the key, and below it the customer's hash."""
    key = f"{row.name or row.key or '–'}{' (reviewer)' if row.review else ''}"
    return f"{key}\n{(row.customer or '–')[:DIGITS]}"


def _says(row: "FeedbackRow") -> str:
    wrong = "no label fits" if row.none else "wrong" if row.correct is False and row.said is None else ""
    stars = f"{row.rating} of 5 stars" if row.rating else ""
    return ", ".join(
        part for part in (row.said or wrong, stars, f"“{row.comment[:40]}”" if row.comment else "") if part
    )


def _state(row: "FeedbackRow") -> str:
    if row.undone:
        return "taken back"
    by = "by a run" if row.reason else "by a person"
    return f"set aside {by}" if row.set_aside else "counts"


def _plain(row: "FeedbackRow") -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(row).items()}
