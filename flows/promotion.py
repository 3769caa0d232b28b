"""The flows of a person who promotes a version, or goes back to an earlier one."""

import time
from collections.abc import Iterable
from typing import cast

from prefect import flow
from prefect.client.schemas.objects import State

from flows.context import load_model
from flows.outcome import Outcome, concluded, outcome_of
from flows.tagging import run_tagged
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import current_champions
from pipelines.promotion.preconditions import require_champion
from pipelines.promotion.verdict import Verdict, verdict
from tasks.card import describe
from tasks.evaluation import evaluate
from tasks.feedback import collect
from tasks.ingestion import ingest
from tasks.promotion import promote as decided
from tasks.promotion import rollback as returned


@flow(name="promote", flow_run_name="promote {model} {version}", timeout_seconds=3600)
def promote(model: str, version: int, override: str = "", champion: int | None = None, by: str = "") -> State[Outcome]:
    """Judge a registered version once more; promote it if the gate says so, or a person with a reason.

    Raises ChampionChanged if `champion` (0: none) is no longer the champion. `by` names who asked this process.
    """
    workspace, spec = load_model(model)
    started = time.perf_counter()
    with workspace.lease(f"train-{model}") as still_held:
        entries = workspace.ledger.entries()
        _require(entries, model, champion)
        found = workspace.registry.version(model, version)
        if (standing := current_champions(entries).get(model)) and standing.version == version:
            spent = time.perf_counter() - started
            return concluded(Outcome(model, Verdict.PROMOTED, "it is the champion already", spent, found))
        lessons = collect(spec, workspace, after=0).rows
        card = evaluate(found, ingest(spec, workspace), spec, workspace, lessons, alone=bool(override))
        still_held()
        decision = decided(found, card, spec, workspace, override, by)
        describe(model, version, workspace)
    reason = f"overridden ({override}): {decision.reason}" if override and not decision.promote else decision.reason
    came = verdict(decision.promote, override)
    return concluded(Outcome(model, came, reason, time.perf_counter() - started, found, card))


def promoted(model: str, version: int, override: str = "", champion: int | None = None, by: str = "") -> Outcome:
    """Run the flow in this process."""
    return outcome_of(run_tagged(promote, model, version, override, champion, by))


@flow(name="rollback", flow_run_name="roll back {model}", timeout_seconds=600)
def rollback(
    model: str, to: int | None = None, reason: str = "no reason given", champion: int | None = None, by: str = ""
) -> Entry:
    """Make the champion before this one, or version `to`, the champion again; `champion` and `by` as above."""
    workspace, spec = load_model(model)
    with workspace.lease(f"train-{model}"):
        _require(workspace.ledger.entries(), model, champion)
        entry = returned(spec, to, reason, workspace, by)
        describe(model, entry.version, workspace)
        return entry


def rolled_back(model: str, to: int | None, reason: str, champion: int | None = None, by: str = "") -> Entry:
    """Run the flow in this process."""
    return cast(Entry, run_tagged(rollback, model, to, reason, champion, by))


def _require(entries: Iterable[Entry], model: str, champion: int | None) -> None:
    if champion is not None:
        require_champion(entries, model, champion or None)
