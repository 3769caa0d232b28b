"""The flows of a person who promotes a version, or goes back to an earlier one."""

import time
from collections.abc import Iterable

from prefect import flow

from flows.edge import declared
from flows.outcome import Outcome
from pipelines.lease import lease
from pipelines.ledger import Entry, Ledger, crowned
from pipelines.promotion.standing import require_champion
from pipelines.registry.registry import Registry
from tasks.card import describe
from tasks.evaluation import evaluate
from tasks.ingestion import ingest
from tasks.promotion import promote as decided
from tasks.promotion import rollback as returned


@flow(name="promote", flow_run_name="promote-{model}", timeout_seconds=3600)
def promote(model: str, version: int, override: str = "", champion: int | None = None, by: str = "") -> Outcome:
    """Judge a registered version once more; promote it if the gate says so, or a person with a reason.

    Raises Stale where `champion` is named (0: none) and no longer the champion; `by` is who asked this process to.
    """
    settings, spec = declared(model)
    started = time.perf_counter()
    with lease(settings.database, f"train-{model}") as still_held:
        entries = Ledger(settings.ledger).entries()
        _require(entries, model, champion)
        found = Registry(settings).version(model, version)
        if (standing := crowned(entries).get(model)) and standing.version == version:
            return Outcome(model, "promoted", "it is the champion already", time.perf_counter() - started, found)
        card = evaluate(found, ingest(spec, settings), spec, settings, alone=bool(override))
        still_held()
        decision = decided(found, card, spec, settings, override, by)
        describe(model, version, settings)
    reason = f"overridden ({override}): {decision.reason}" if override and not decision.promote else decision.reason
    verdict = "promoted" if decision.promote or override else "refused"
    return Outcome(model, verdict, reason, time.perf_counter() - started, found, card)


@flow(name="rollback", flow_run_name="rollback-{model}", timeout_seconds=600)
def rollback(
    model: str, to: int | None = None, reason: str = "no reason given", champion: int | None = None, by: str = ""
) -> Entry:
    """Make the champion before this one, or version `to`, the champion again; `champion` and `by` as above."""
    settings, spec = declared(model)
    with lease(settings.database, f"train-{model}"):
        _require(Ledger(settings.ledger).entries(), model, champion)
        entry = returned(spec, to, reason, settings, by)
        describe(model, entry.version, settings)
        return entry


def _require(entries: Iterable[Entry], model: str, champion: int | None) -> None:
    if champion is not None:
        require_champion(entries, model, champion or None)
