"""The command that writes stored rows into a file: export."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows.commands.report import Json
from pipelines.workspace.settings import Settings


def export(
    subject: Annotated[
        Literal["messages", "labels", "corrections"],
        typer.Argument(
            help="messages: answered texts; labels: texts with their voted label; corrections: feedback that disagrees."
        ),
    ],
    model: Annotated[str, typer.Option(help="The model whose rows are written.")],
    out: Annotated[Path, typer.Option(help="The file: .csv, .jsonl or .parquet; only its owner may read it.")],
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Rows from this time on, in UTC."),
    ] = None,
    customers: Annotated[
        bool, typer.Option("--customers", help="Add the keyed hashes of customers, which are personal data.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write stored messages, labels or corrections into a file. Texts are masked, as they are stored."""
    from pipelines.catalog.catalog_file import load
    from pipelines.exporting.stored_tables import Export, write_export

    workspace = Settings().activate().workspace
    spec = load(workspace.catalog_file).get(model)
    rows = Export(subject, model, since and since.replace(tzinfo=UTC), customers)
    count = write_export(rows, workspace.store, spec.target if spec else None, out)
    fields = {"subject": subject, "model": model, "rows": count, "columns": list(rows.columns), "out": str(out)}
    typer.echo(json.dumps(fields) if as_json else f"{count:,} {subject} of {model} in {out}")


COMMANDS = (export,)
