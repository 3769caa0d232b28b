"""Commands that list: models."""

import json
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.commands.report import Json
from pipelines.settings import Settings


def models(as_json: Json = False) -> None:
    """List every declared model with its champion and the last decision."""
    from pipelines.catalog import load
    from pipelines.ledger import Ledger

    settings = Settings().activate()
    entries = Ledger(settings.ledger).entries()
    rows = [
        _row(name, spec.labels, [one for one in entries if one.model == name]) for name, spec in load(settings).items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table("model", "labels", "champion", "since", "last decision", title="Declared models")
    for row in rows:
        champion = row["champion"] or f"none yet: needloop train {row['model']}"
        table.add_row(
            row["model"], str(len(row["labels"])), str(champion), row["since"] or "", escape(row["decision"] or "")
        )
    Console().print(table)


def _row(name: str, labels: tuple[str, ...], entries: list[Any]) -> dict[str, Any]:
    from pipelines.ledger import decided

    crowned = [entry for entry in entries if entry.crowns]
    last = next(reversed(decided(entries)), None)
    return {
        "model": name,
        "labels": list(labels),
        "champion": crowned[-1].version if crowned else None,
        "since": crowned[-1].time if crowned else None,
        "decision": f"{last.event} {last.version}: {'; '.join(last.reasons)}" if last else None,
    }


COMMANDS = (models,)
