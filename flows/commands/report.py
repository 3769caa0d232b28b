"""Outcomes as a table for people and as JSON for scripts."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from pipelines.settings import Settings

if TYPE_CHECKING:
    from flows.outcome import Outcome
    from pipelines.evaluation.bootstrap import Interval
    from pipelines.evaluation.scorecard import Standing

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts instead of a table.")]
HEADS = ("model", "who", "macro-F1", "accuracy", "decision and its reason")


def outcome_table(outcomes: "list[Outcome]") -> Table:
    """A row per model and cycle; within it a line per contestant on the same held-out texts, with 95% intervals."""
    table = Table(title="What was learnt and decided (95% intervals)", show_lines=True)
    for head in HEADS[:-1]:
        table.add_column(head, no_wrap=True)
    table.add_column(HEADS[-1], ratio=1)
    for outcome in outcomes:
        table.add_row(*_cells(outcome))
    return table


def _cells(outcome: "Outcome") -> list[str]:
    decision = f"[bold]{outcome.verdict}[/bold]: {escape(outcome.reason)}"
    version, stood = outcome.version, _standings(outcome)
    if version is None:
        return [f"{outcome.model}\n{outcome.seconds:.0f} s", "-", "-", "-", decision]
    return [
        f"{outcome.model} {version.version}\n{version.rows:,} rows\n{outcome.seconds:.0f} s\n{_looked(outcome)}",
        "\n\n".join(stood),
        "\n".join(_figure(one.macro_f1) for one in stood.values()),
        "\n".join(_figure(one.accuracy) for one in stood.values()),
        decision,
    ]


def _looked(outcome: "Outcome") -> str:
    """How often the test split was looked at, with this time: each look makes its scores less of a surprise."""
    return f"test look {outcome.card.uses}" if outcome.card else ""


def _figure(found: "Interval") -> str:
    """Two short lines, so that the table fits 80 columns."""
    return f"{found.value:.3f}\n {found.low:.3f}-{found.high:.3f}"


def _standings(outcome: "Outcome") -> "dict[str, Standing]":
    card = outcome.card
    if card is None:
        return {}
    named = {"challenger": card.challenger, "champion": card.champion, "TF-IDF": card.tfidf, "majority": card.majority}
    return {who: standing for who, standing in named.items() if standing}


def outcome_json(outcome: "Outcome") -> dict[str, Any]:
    """All of an outcome, as plain values."""
    return asdict(outcome)


def where_next(settings: Settings) -> Panel:
    """Where to look after a run."""
    lines = [
        "needloop up   Prefect UI, MLflow UI and the service, with schedules",
        f"MLflow        {settings.tracking_uri}",
        f"Data Docs     {settings.home / 'docs' / 'index.html'}",
        f"ledger        {settings.ledger}",
    ]
    return Panel("\n".join(lines), title="Where to look next", expand=False)
