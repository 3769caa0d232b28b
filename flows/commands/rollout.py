"""Commands that run a challenger beside the champion: shadow, canary, withdraw."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import mask_reason, update_mlflow
from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.ledger.entry import Entry
    from pipelines.promotion.rollout import RolloutPlan
    from pipelines.workspace.workspace import Workspace

Model = Annotated[str, typer.Argument(help="A model that has a champion.")]
Version = Annotated[int, typer.Option(help="Number of a version that the ledger holds a decision about.")]
Reason = Annotated[str, typer.Option(help="Reason, stored in the ledger.")]
Share = Annotated[float, typer.Option(min=0.001, max=0.5, help="Share of the customers, always the same ones.")]
Hours = Annotated[
    float,
    typer.Option(
        min=0.01,
        help="Observation period in hours. When it ends, `needloop models` reports whether harm was found; "
        "the canary keeps running.",
    ),
]
Override = Annotated[
    str, typer.Option(help="Reason to let a version answer that the gate refused; the ledger keeps it.")
]


def shadow(model: Model, version: Version, reason: Reason = "no reason given", as_json: Json = False) -> None:
    """Send copies of the requests to a version; no customer gets its answers. `needloop models` shows its agreement."""
    from pipelines.promotion.rollout import RolloutPlan

    workspace, plan = Settings().activate().workspace, RolloutPlan("shadow", mask_reason(reason))
    entry = _begin(model, version, plan, workspace)
    _print_event(entry, f"version {version} runs as a shadow of {entry.champion}", as_json)
    update_mlflow(model, workspace)


def canary(
    model: Model,
    version: Version,
    share: Share = 0.1,
    hours: Hours = 24.0,
    reason: Reason = "no reason given",
    override: Override = "",
    as_json: Json = False,
) -> None:
    """Let a version answer a share of the customers. The service aborts it when a guard shows harm."""
    from pipelines.promotion.rollout import RolloutPlan

    workspace = Settings().activate().workspace
    plan = RolloutPlan("canary", mask_reason(reason), share, hours, mask_reason(override) if override else "")
    entry = _begin(model, version, plan, workspace)
    _print_event(entry, f"version {version} answers {share:.1%} of the customers beside {entry.champion}", as_json)
    update_mlflow(model, workspace)


def withdraw(model: Model, reason: Reason = "no reason given", as_json: Json = False) -> None:
    """End the shadow or canary of a model; the champion then answers all customers."""
    from pipelines.promotion import rollout

    workspace = Settings().activate().workspace
    entry = rollout.withdraw_rollout(workspace.ledger, model, mask_reason(reason))
    _print_event(entry, f"version {entry.version} is withdrawn, {entry.champion} answers all customers", as_json)
    update_mlflow(model, workspace)


def _begin(model: str, version: int, plan: "RolloutPlan", workspace: "Workspace") -> "Entry":
    from pipelines.promotion import rollout

    return rollout.start_rollout(workspace.ledger, model, version, plan, workspace.files.packages)


def _print_event(entry: "Entry", effect: str, as_json: bool) -> None:
    from pipelines.ledger.events import Canary

    fields = {"model": entry.model, "event": entry.event.tag, "version": entry.version, "champion": entry.champion}
    event = entry.event
    share, hours = (event.share, event.hours) if isinstance(event, Canary) else (0.0, 0.0)
    details = {"share": share, "hours": hours, "reason": entry.reasons[0], "since": entry.time}
    typer.echo(json.dumps(fields | details) if as_json else f"{entry.model}: {effect}: {entry.reasons[0]}")


COMMANDS = (shadow, canary, withdraw)
