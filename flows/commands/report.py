"""Training outcomes as a table for people and as JSON for scripts."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from flows.outcome import Outcome
    from pipelines.kinds.kind import Kind
    from pipelines.kinds.report import Contestants
    from pipelines.statistics.bootstrap import Interval

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts instead of a table.")]
DECISION = "decision and its reason"


def outcome_tables(outcomes: "list[Outcome]") -> list[Table]:
    """One table for each set of figures, because kinds of models are compared by different figures."""
    groups: dict[tuple[str, ...], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(tuple(_kind(outcome).figures.values()), []).append(outcome)
    return [_table(figures, group) for figures, group in groups.items()]


def crowded(outcome: "Outcome") -> bool:
    """True if the table has so many figures that its reason is cut at 80 columns."""
    return len(_kind(outcome).figures) > 2


def _table(figures: tuple[str, ...], outcomes: "list[Outcome]") -> Table:
    """A row per model and cycle, with a line per contestant on the same held-out texts and 95% intervals."""
    table = Table(title="Results and decisions (95% intervals)", show_lines=True)
    for head in ("model", "contestant", *figures):
        table.add_column(head, no_wrap=True)
    table.add_column(DECISION, ratio=1)
    for outcome in outcomes:
        table.add_row(*_cells(outcome, figures))
    return table


def _cells(outcome: "Outcome", figures: tuple[str, ...]) -> list[str]:
    decision = f"[bold]{outcome.verdict}[/bold]: {escape(_reason(outcome))}"
    version, contestants = outcome.version, _contestants(outcome)
    if version is None:
        return [f"{outcome.model}\n{outcome.seconds:.0f} s", "-", *("-" for _ in figures), decision]
    return [
        f"{outcome.model} {version.version}\n{version.rows:,} rows\n{outcome.seconds:.0f} s\n{_test_use(outcome)}",
        "\n\n".join(contestants),
        *("\n".join(_figure(scores[name]) for scores in contestants.values()) for name in figures),
        decision,
    ]


def _reason(outcome: "Outcome") -> str:
    """The reason for a narrow cell; commands to copy are printed below the table."""
    if not outcome.set_aside:
        return outcome.reason
    return outcome.reason.replace(outcome.set_aside, "feedback was set aside, see below")


def _test_use(outcome: "Outcome") -> str:
    """The number of evaluations on this test split so far: each one makes its scores less independent."""
    return f"test use {outcome.card.test_set_evaluations}" if outcome.card else ""


def _figure(interval: "Interval") -> str:
    """Two short lines, so that the table fits 80 columns."""
    return f"{interval.value:.3f}\n {interval.low:.3f}-{interval.high:.3f}"


def _kind(outcome: "Outcome") -> "Kind":
    from pipelines.kinds.known import DEFAULT, find_kind

    return find_kind(outcome.version.target.kind if outcome.version else DEFAULT)


def _contestants(outcome: "Outcome") -> "Contestants":
    return _kind(outcome).report.contestants(outcome.card) if outcome.card else {}


def outcome_json(outcome: "Outcome") -> dict[str, Any]:
    """An outcome with its scorecard as plain values for JSON."""
    card = outcome.card and outcome.card.document() | {"evidence": dict(outcome.card.evidence)}
    rows = outcome.rows and outcome.rows.document()
    return asdict(replace(outcome, card=None, rows=None)) | {"card": card, "rows": rows}


def where_next(settings: Settings) -> Panel:
    """A panel with the commands and addresses to look at after a run."""
    lines = [
        "needloop up   Prefect UI, MLflow UI and the service, with schedules",
        f"MLflow        {settings.tracking_uri}",
        f"Data Docs     {settings.home / 'docs' / 'index.html'}",
        f"ledger        {settings.files.ledger}",
    ]
    return Panel("\n".join(lines), title="Where to look next", expand=False)
