"""Outcomes as a table for people and as JSON for scripts."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.panel import Panel
from rich.table import Table

from pipelines.settings import Settings

if TYPE_CHECKING:
    from flows.outcome import Outcome
    from pipelines.evaluation.scorecard import Standing

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts instead of a table.")]
HEADS = ("model", "version", "rows", "who", "macro-F1 [95%]", "accuracy [95%]", "decision and reason", "seconds")


def outcome_table(outcomes: "list[Outcome]") -> Table:
    """A row per model and cycle; within it a line per contestant on the same held-out texts."""
    table = Table(*HEADS, title="Needloop: what was learnt and decided", show_lines=True)
    for outcome in outcomes:
        table.add_row(*_cells(outcome))
    return table


def _cells(outcome: "Outcome") -> list[str]:
    decision = f"[bold]{outcome.verdict}[/bold]: {outcome.reason}"
    version, card = outcome.version, outcome.card
    if version is None or card is None:
        return [outcome.model, "-", "-", "-", "-", "-", decision, f"{outcome.seconds:.0f}"]
    stood = _standings(outcome)
    return [
        outcome.model,
        str(version.version),
        f"{version.rows:,}",
        "\n".join(stood),
        "\n".join(str(one.macro_f1) for one in stood.values()),
        "\n".join(str(one.accuracy) for one in stood.values()),
        decision,
        f"{outcome.seconds:.0f}",
    ]


def _standings(outcome: "Outcome") -> "dict[str, Standing]":
    card = outcome.card
    assert card is not None
    named = {"challenger": card.challenger, "champion": card.champion, "TF-IDF": card.tfidf, "majority": card.majority}
    return {who: standing for who, standing in named.items() if standing}


def outcome_json(outcome: "Outcome") -> dict[str, Any]:
    """All of an outcome, as plain values."""
    return asdict(outcome)


def where_next(settings: Settings) -> Panel:
    """Where to look after a run."""
    docs = settings.home / "docs" / "index.html"
    lines = [
        "[bold]needloop up[/bold]       Prefect UI, MLflow UI and the service, with schedules",
        f"MLflow            {settings.tracking_uri}",
        f"Data Docs         {docs}",
        f"Ledger            {settings.ledger}",
        "[bold]needloop predict[/bold]  sentiment \"Where is my bag?\"",
    ]
    return Panel("\n".join(lines), title="Where to look next", expand=False)
