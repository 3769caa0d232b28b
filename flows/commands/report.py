"""Outcomes as a table for people and as JSON for scripts."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from flows.outcome import Outcome
    from pipelines.evaluation.bootstrap import Interval
    from pipelines.kinds.kind import Kind
    from pipelines.kinds.report import Contestants

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts instead of a table.")]
DECISION = "decision and its reason"


def outcome_tables(outcomes: "list[Outcome]") -> list[Table]:
    """A table for each set of figures that models are compared by: kinds of models differ in them."""
    alike: dict[tuple[str, ...], list[Outcome]] = {}
    for outcome in outcomes:
        alike.setdefault(tuple(_kind(outcome).figures.values()), []).append(outcome)
    return [_table(figures, some) for figures, some in alike.items()]


def crowded(outcome: "Outcome") -> bool:
    """True if the table has so many figures that at 80 columns its reason is cut."""
    return len(_kind(outcome).figures) > 2


def _table(figures: tuple[str, ...], outcomes: "list[Outcome]") -> Table:
    """A row per model and cycle; within it a line per contestant on the same held-out texts, with 95% intervals."""
    table = Table(title="What was learnt and decided (95% intervals)", show_lines=True)
    for head in ("model", "who", *figures):
        table.add_column(head, no_wrap=True)
    table.add_column(DECISION, ratio=1)
    for outcome in outcomes:
        table.add_row(*_cells(outcome, figures))
    return table


def _cells(outcome: "Outcome", figures: tuple[str, ...]) -> list[str]:
    decision = f"[bold]{outcome.verdict}[/bold]: {escape(_reason(outcome))}"
    version, stood = outcome.version, _contestants(outcome)
    if version is None:
        return [f"{outcome.model}\n{outcome.seconds:.0f} s", "-", *("-" for _ in figures), decision]
    return [
        f"{outcome.model} {version.version}\n{version.rows:,} rows\n{outcome.seconds:.0f} s\n{_looked(outcome)}",
        "\n\n".join(stood),
        *("\n".join(_figure(one[name]) for one in stood.values()) for name in figures),
        decision,
    ]


def _reason(outcome: "Outcome") -> str:
    """The reason as far as it fits a narrow cell: commands to be copied stand below the table."""
    if not outcome.set_aside:
        return outcome.reason
    return outcome.reason.replace(outcome.set_aside, "feedback was set aside, see below")


def _looked(outcome: "Outcome") -> str:
    """How often the test split was looked at, with this time: each look makes its scores less of a surprise."""
    return f"test look {outcome.card.uses}" if outcome.card else ""


def _figure(found: "Interval") -> str:
    """Two short lines, so that the table fits 80 columns."""
    return f"{found.value:.3f}\n {found.low:.3f}-{found.high:.3f}"


def _kind(outcome: "Outcome") -> "Kind":
    from pipelines.kinds.known import DEFAULT, find

    return find(outcome.version.target.kind if outcome.version else DEFAULT)


def _contestants(outcome: "Outcome") -> "Contestants":
    return _kind(outcome).report.contestants(outcome.card) if outcome.card else {}


def outcome_json(outcome: "Outcome") -> dict[str, Any]:
    """All of an outcome, as plain values."""
    card = outcome.card and outcome.card.document() | {"evidence": dict(outcome.card.evidence)}
    return asdict(replace(outcome, card=None)) | {"card": card}


def where_next(settings: Settings) -> Panel:
    """Where to look after a run."""
    lines = [
        "needloop up   Prefect UI, MLflow UI and the service, with schedules",
        f"MLflow        {settings.tracking_uri}",
        f"Data Docs     {settings.home / 'docs' / 'index.html'}",
        f"ledger        {settings.files.ledger}",
    ]
    return Panel("\n".join(lines), title="Where to look next", expand=False)
