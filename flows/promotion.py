"""The flows behind `needloop promote` and `needloop rollback`."""

import time
from collections.abc import Iterable
from typing import cast

from prefect import flow
from prefect.client.schemas.objects import State

from flows.context import load_model
from flows.outcome import Outcome, final_state, outcome_of
from flows.tagging import run_tagged
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import current_champions
from pipelines.promotion.preconditions import require_champion
from pipelines.promotion.verdict import Verdict, verdict
from tasks import promotion
from tasks.card import describe
from tasks.evaluation import evaluate
from tasks.feedback import collect
from tasks.ingestion import ingest


@flow(name="promote", flow_run_name="promote {model} {version}", timeout_seconds=3600)
def promote(model: str, version: int, override: str = "", champion: int | None = None, by: str = "") -> State[Outcome]:
    """Evaluate a registered version again; promote it if it passes the gate, or if `override` gives a person's reason.

    Raises ChampionChanged if `champion` (0: none) is no longer the champion. `by` is the name of the deciding person.
    """
    workspace, spec = load_model(model)
    started = time.perf_counter()
    with workspace.lease(f"train-{model}") as still_held:
        entries = workspace.ledger.entries()
        _require(entries, model, champion)
        candidate = workspace.registry.version(model, version)
        if (current := current_champions(entries).get(model)) and current.version == version:
            seconds = time.perf_counter() - started
            return final_state(Outcome(model, Verdict.PROMOTED, "it is the champion already", seconds, candidate))
        labelled = collect(spec, workspace, after=0).rows
        card = evaluate(candidate, ingest(spec, workspace), spec, workspace, labelled, alone=bool(override))
        still_held()
        decision = promotion.promote(candidate, card, spec, workspace, override, by)
        describe(model, version, workspace)
    reason = f"overridden ({override}): {decision.reason}" if override and not decision.promote else decision.reason
    result = verdict(decision.promote, override)
    return final_state(Outcome(model, result, reason, time.perf_counter() - started, candidate, card))


def run_promotion(model: str, version: int, override: str = "", champion: int | None = None, by: str = "") -> Outcome:
    """Run the flow in this process."""
    return outcome_of(run_tagged(promote, model, version, override, champion, by))


@flow(name="rollback", flow_run_name="roll back {model}", timeout_seconds=600)
def rollback(
    model: str, to: int | None = None, reason: str = "no reason given", champion: int | None = None, by: str = ""
) -> Entry:
    """Make the previous champion, or version `to`, the champion again; `champion` and `by` as in `promote`."""
    workspace, spec = load_model(model)
    with workspace.lease(f"train-{model}"):
        _require(workspace.ledger.entries(), model, champion)
        entry = promotion.rollback(spec, to, reason, workspace, by)
        describe(model, entry.version, workspace)
        return entry


def run_rollback(model: str, to: int | None, reason: str, champion: int | None = None, by: str = "") -> Entry:
    """Run the flow in this process."""
    return cast(Entry, run_tagged(rollback, model, to, reason, champion, by))


def _require(entries: Iterable[Entry], model: str, champion: int | None) -> None:
    if champion is not None:
        require_champion(entries, model, champion or None)
