"""The command that lists the declared models: models."""

import json
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.ledger.entry import EventEntry
    from pipelines.ledger.events import Pause, Rollout
    from pipelines.workspace.workspace import Workspace


def models(as_json: Json = False) -> None:
    """List every declared model with its champion, its pause, its shadow or canary, and the last decision."""
    from pipelines.catalog.catalog_file import load
    from pipelines.ledger.queries import active_rollouts
    from pipelines.promotion.pausing import active_pauses

    workspace = Settings().activate().workspace
    entries = workspace.ledger.entries()
    rollouts, pauses = _rollouts(active_rollouts(entries), workspace), active_pauses(entries)
    rows = [
        _row(name, spec.target.names, [entry for entry in entries if entry.model == name])
        | {"paused": _pause(pauses.get(name)), "trial": rollouts.get(name)}
        for name, spec in load(workspace.catalog_file).items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    Console().print(_table(rows))


def _table(rows: "list[dict[str, Any]]") -> Table:
    columns = (Column(head, overflow="fold") for head in ("model", "labels", "champion"))
    table = Table(*columns, Column("since", no_wrap=True), "pause, rollout", "last decision", title="Declared models")
    for row in rows:
        champion = str(row["champion"] or f"none yet: needloop train {row['model']}")
        parts = (("paused", _format_pause), ("trial", _format_rollout))
        status = "\n".join(format_part(row[key]) for key, format_part in parts if row[key])
        since, decision = _moment(row["since"] or ""), escape(row["decision"] or "")
        table.add_row(row["model"], str(len(row["labels"])), champion, since, status, decision)
    return table


def _moment(time: str) -> str:
    """Date and time (UTC) in two short lines, so that the table fits 80 columns."""
    return time[:19].replace("T", "\n")


def _pause(entry: "EventEntry[Pause] | None") -> dict[str, str] | None:
    if entry is None:
        return None
    return {"reason": "; ".join(entry.reasons), "since": entry.time, "answer": entry.event.answer}


def _format_pause(pause: "Mapping[str, str]") -> str:
    """A pause in short lines."""
    effect = f"answers {pause['answer']}" if pause["answer"] else "abstains"
    return escape(f"paused since\n{_moment(pause['since'])},\n{effect}: {pause['reason']}")


def _rollouts(active: "Mapping[str, EventEntry[Rollout]]", workspace: "Workspace") -> dict[str, dict[str, Any]]:
    """The status of each active rollout, by model. The store is opened only if there is one."""
    if not active:
        return {}
    from pipelines.ledger.queries import is_canary
    from pipelines.promotion.rollout_status import first_opinions, started_at, status

    store = workspace.store

    def rollout_status(rollout: "EventEntry[Rollout]") -> dict[str, Any]:
        opinions = (
            first_opinions(rollout, store.opinions(rollout.model, started_at(rollout))) if is_canary(rollout) else None
        )
        return status(rollout, store.rollout_counts(rollout.hash()), opinions)

    return {model: rollout_status(rollout) for model, rollout in active.items()}


def _format_rollout(rollout: "Mapping[str, Any]") -> str:
    """A shadow or canary in short lines."""
    version = f"{rollout['way']} {rollout['version']}"
    if rollout["way"] == "shadow":
        agreement = "nothing yet" if rollout["agreement"] is None else f"agrees in {rollout['agreement']:.1%}"
        by_label = [f"{row['label']}: {row['agreement']:.1%} of {row['answers']}" for row in rollout["labels"]]
        return escape(
            "\n".join([f"{version}: {agreement} of {rollout['answers']}, {rollout['dropped']} dropped", *by_label])
        )
    summary = f"{version}, {rollout['share']:.1%} of the customers: {rollout['verdict']}"
    return escape("\n".join([summary, *(_guard(row) for row in rollout["guards"])]))


def _guard(guard: "Mapping[str, Any]") -> str:
    challenger, champion = (
        f"{count['hits']} of {count['tries']}" for count in (guard["challenger"], guard["champion"])
    )
    difference = f"worse by {100 * guard['worse_at_least']:+.1f} to {100 * guard['worse_at_most']:+.1f} points"
    return f"{guard['guard']}: {challenger}, champion {champion}; {difference}, {100 * guard['allowed']:g} allowed"


def _row(name: str, labels: tuple[str, ...], entries: list[Any]) -> dict[str, Any]:
    from pipelines.ledger.queries import decisions, promotes

    promotions = [entry for entry in entries if promotes(entry)]
    last = next(reversed(decisions(entries)), None)
    return {
        "model": name,
        "labels": list(labels),
        "champion": promotions[-1].version if promotions else None,
        "since": promotions[-1].time if promotions else None,
        "decision": f"{last.event.tag} {last.version}: {'; '.join(last.reasons)}" if last else None,
    }


COMMANDS = (models,)
