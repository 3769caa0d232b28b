"""Commands that list: models."""

import json
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.commands.report import Json
from pipelines.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.ledger import Entry


def models(as_json: Json = False) -> None:
    """List every declared model with its champion, who stands beside it, and the last decision."""
    from pipelines.catalog import load
    from pipelines.ledger import Ledger
    from pipelines.promotion.trying import tried

    settings = Settings().activate()
    entries = Ledger(settings.ledger).entries()
    trials = _trials(tried(entries), settings)
    rows = [
        _row(name, spec.labels, [one for one in entries if one.model == name]) | {"trial": trials.get(name)}
        for name, spec in load(settings).items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table("model", "labels", "champion", "since", "beside it", "last decision", title="Declared models")
    for row in rows:
        champion = row["champion"] or f"none yet: needloop train {row['model']}"
        beside, decision = _beside(row["trial"]) if row["trial"] else "", escape(row["decision"] or "")
        table.add_row(row["model"], str(len(row["labels"])), str(champion), row["since"] or "", beside, decision)
    Console().print(table)


def _trials(running: "Mapping[str, Entry]", settings: Settings) -> dict[str, dict[str, Any]]:
    """How each trial fares, by model; the store is opened only where there is one."""
    if not running:
        return {}
    from pipelines.promotion.faring import began, fares, first
    from pipelines.store.store import Store

    store = Store(settings.database)
    return {
        model: fares(trial, store.tallied(trial.hash()), first(trial, store.opinions(model, began(trial))))
        for model, trial in running.items()
    }


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
