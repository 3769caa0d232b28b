"""A challenger beside the champion: shadow, canary, withdraw."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.record import remember, why
from flows.commands.report import Json
from pipelines.runtime.settings import Settings

if TYPE_CHECKING:
    from pipelines.home.workspace import Workspace
    from pipelines.ledger.entry import Entry
    from pipelines.promotion.rollout import RolloutPlan

Model = Annotated[str, typer.Argument(help="A model that has a champion.")]
Version = Annotated[int, typer.Option(help="A version that was judged; it stands beside the champion.")]
Reason = Annotated[str, typer.Option(help="Why; the ledger keeps it.")]
Share = Annotated[float, typer.Option(min=0.001, max=0.5, help="Of the customers, always the same ones.")]
Hours = Annotated[float, typer.Option(min=0.01, help="After which no harm seen is told.")]
Override = Annotated[str, typer.Option(help="Why a version may answer that the gate refused; the ledger keeps it.")]


def shadow(model: Model, version: Version, reason: Reason = "no reason given", as_json: Json = False) -> None:
    """Let a version see copies of what is asked; it answers nobody. `needloop models` tells how often it agrees."""
    from pipelines.promotion.rollout import RolloutPlan

    workspace, terms = Settings().activate().workspace, RolloutPlan("shadow", why(reason))
    entry = _begun(model, version, terms, workspace)
    _said(entry, f"version {version} stands in the shadow of {entry.champion}", as_json)
    remember(model, workspace)


def canary(
    model: Model,
    version: Version,
    share: Share = 0.1,
    hours: Hours = 24.0,
    reason: Reason = "no reason given",
    override: Override = "",
    as_json: Json = False,
) -> None:
    """Let a version answer a share of the customers; it is aborted by itself where it is shown to do harm."""
    from pipelines.promotion.rollout import RolloutPlan

    workspace = Settings().activate().workspace
    terms = RolloutPlan("canary", why(reason), share, hours, why(override) if override else "")
    entry = _begun(model, version, terms, workspace)
    _said(entry, f"version {version} answers {share:.1%} of the customers beside {entry.champion}", as_json)
    remember(model, workspace)


def withdraw(model: Model, reason: Reason = "no reason given", as_json: Json = False) -> None:
    """End the shadow or the canary of a model: the champion answers all."""
    from pipelines.promotion import rollout

    workspace = Settings().activate().workspace
    entry = rollout.withdraw(workspace.ledger, model, why(reason))
    _said(entry, f"version {entry.version} is withdrawn, {entry.champion} answers all", as_json)
    remember(model, workspace)


def _begun(model: str, version: int, terms: "RolloutPlan", workspace: "Workspace") -> "Entry":
    from pipelines.promotion import rollout

    return rollout.begin(workspace.ledger, model, version, terms, workspace.files.packages)


def _said(entry: "Entry", does: str, as_json: bool) -> None:
    from pipelines.ledger.events import Canary

    told = {"model": entry.model, "event": entry.event.tag, "version": entry.version, "champion": entry.champion}
    event = entry.event
    share, hours = (event.share, event.hours) if isinstance(event, Canary) else (0.0, 0.0)
    more = {"share": share, "hours": hours, "reason": entry.reasons[0], "since": entry.time}
    typer.echo(json.dumps(told | more) if as_json else f"{entry.model}: {does}: {entry.reasons[0]}")


COMMANDS = (shadow, canary, withdraw)
