"""Commands that list: models."""

import json
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from flows.commands.report import Json
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.home.workspace import Workspace
    from pipelines.ledger.entry import Record
    from pipelines.ledger.events import Pause, Rollout


def models(as_json: Json = False) -> None:
    """List every declared model with its champion, whether it is paused or tried beside, and the last decision."""
    from pipelines.catalog.spec import load
    from pipelines.promotion.pausing import paused
    from pipelines.promotion.rollout import active_rollouts

    workspace = Settings().activate().workspace
    entries = workspace.ledger.entries()
    trials, pauses = _trials(active_rollouts(entries), workspace), paused(entries)
    rows = [
        _row(name, spec.target.names, [one for one in entries if one.model == name])
        | {"paused": _pause(pauses.get(name)), "trial": trials.get(name)}
        for name, spec in load(workspace.catalog_file).items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    Console().print(_table(rows))


def _table(rows: "list[dict[str, Any]]") -> Table:
    columns = (Column(head, overflow="fold") for head in ("model", "labels", "champion"))
    table = Table(*columns, Column("since", no_wrap=True), "paused, on trial", "last decision", title="Declared models")
    for row in rows:
        champion = str(row["champion"] or f"none yet: needloop train {row['model']}")
        now = "\n".join(told(row[what]) for what, told in (("paused", _silent), ("trial", _beside)) if row[what])
        since, decision = _moment(row["since"] or ""), escape(row["decision"] or "")
        table.add_row(row["model"], str(len(row["labels"])), champion, since, now, decision)
    return table


def _moment(time: str) -> str:
    """Date and time, UTC, in two short lines, so that the table fits 80 columns."""
    return time[:19].replace("T", "\n")


def _pause(entry: "Record[Pause] | None") -> dict[str, str] | None:
    if entry is None:
        return None
    return {"reason": "; ".join(entry.reasons), "since": entry.time, "answer": entry.event.answer}


def _silent(pause: "Mapping[str, str]") -> str:
    """A pause in a few lines."""
    does = f"answers {pause['answer']}" if pause["answer"] else "abstains"
    return escape(f"paused since\n{_moment(pause['since'])},\n{does}: {pause['reason']}")


def _trials(running: "Mapping[str, Record[Rollout]]", workspace: "Workspace") -> dict[str, dict[str, Any]]:
    """How each trial fares, by model; the store is opened only where there is one."""
    if not running:
        return {}
    from pipelines.promotion.rollout import answers_some
    from pipelines.promotion.rollout_status import first, started_at, status

    store = workspace.store

    def fare(trial: "Record[Rollout]") -> dict[str, Any]:
        words = first(trial, store.opinions(trial.model, started_at(trial))) if answers_some(trial) else None
        return status(trial, store.tallied(trial.hash()), words)

    return {model: fare(trial) for model, trial in running.items()}


def _beside(trial: "Mapping[str, Any]") -> str:
    """A trial in a few lines."""
    who = f"{trial['way']} {trial['version']}"
    if trial["way"] == "shadow":
        agrees = "nothing yet" if trial["agreement"] is None else f"agrees in {trial['agreement']:.1%}"
        by_label = [f"{one['label']}: {one['agreement']:.1%} of {one['answers']}" for one in trial["labels"]]
        return escape("\n".join([f"{who}: {agrees} of {trial['answers']}, {trial['dropped']} dropped", *by_label]))
    first = f"{who}, {trial['share']:.1%} of the customers: {trial['verdict']}"
    return escape("\n".join([first, *(_guard(one) for one in trial["guards"])]))


def _guard(one: "Mapping[str, Any]") -> str:
    ours, theirs = (f"{seen['hits']} of {seen['tries']}" for seen in (one["challenger"], one["champion"]))
    between = f"worse by {100 * one['worse_at_least']:+.1f} to {100 * one['worse_at_most']:+.1f} points"
    return f"{one['guard']}: {ours}, champion {theirs}; {between}, {100 * one['allowed']:g} allowed"


def _row(name: str, labels: tuple[str, ...], entries: list[Any]) -> dict[str, Any]:
    from pipelines.ledger.queries import crowns, decided

    crowned = [entry for entry in entries if crowns(entry)]
    last = next(reversed(decided(entries)), None)
    return {
        "model": name,
        "labels": list(labels),
        "champion": crowned[-1].version if crowned else None,
        "since": crowned[-1].time if crowned else None,
        "decision": f"{last.event.tag} {last.version}: {'; '.join(last.reasons)}" if last else None,
    }


COMMANDS = (models,)
