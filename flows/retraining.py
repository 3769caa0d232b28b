"""The flow that learns again from what customers and colleagues said, when there is enough of it."""

import time
from collections.abc import Callable
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.edge import declared
from flows.outcome import Outcome
from flows.training import judge
from pipelines.catalog import ModelSpec
from pipelines.lease import Held, lease
from pipelines.ledger import Entry, Ledger
from pipelines.registry.registry import Registry
from pipelines.registry.version import ModelVersion
from pipelines.settings import Settings
from tasks.feedback import collect
from tasks.ingestion import ingest
from tasks.training import learn
from tasks.validation import validate


@flow(name="retrain", flow_run_name="retrain-{model}", timeout_seconds=12 * 3600)
def retrain(model: str, hold: bool = False) -> State[Outcome]:
    """Continue from the champion with new feedback; `Skipped` with a reason where there is nothing to do.

    What is on `hold`, here or by declaration, is judged, and waits to be tried and promoted by a person.
    """
    settings, spec = declared(model)
    started = time.perf_counter()
    try:
        with lease(settings.database, f"train-{model}") as still_held:
            return _cycle(spec, settings, started, still_held, hold or spec.retraining.hold)
    except Held as held:
        return skipped(model, str(held))


def retrained(model: str, hold: bool = False) -> Outcome:
    """Run the flow here; a flow that ends in a state of its own gives that state's data."""
    outcome: Any = retrain(model, hold)
    return Outcome(**vars(outcome))


def _cycle(
    spec: ModelSpec, settings: Settings, started: float, still_held: Callable[[], None], hold: bool
) -> State[Outcome]:
    ledger = Ledger(settings.ledger)
    champion = ledger.champion(spec.name)
    if champion is None:
        return skipped(spec.name, f"no champion to learn from yet; run: needloop train {spec.name}")
    versions = Registry(settings).versions(spec.name)
    # A version that a killed run registered but never judged has taught nothing yet: it is found again and judged.
    learnt = max((entry.feedback for entry in ledger.entries() if entry.model == spec.name), default=0)
    lessons = collect(spec, settings, after=learnt)
    if lessons.new < spec.retraining.feedback:
        return skipped(
            spec.name, f"{lessons.new} new feedback of the {spec.retraining.feedback} that start a retraining"
        )
    corpus = ingest(spec, settings, lessons.rows)
    if not corpus.report.learnt_feedback:
        return skipped(spec.name, f"none of {len(lessons.rows)} feedback is for learning: held out, or already known")
    validate(corpus, spec, settings)
    version = learn(corpus, spec, settings, parent=_parent(spec, champion, versions), feedback=lessons.last)
    outcome = judge(version, corpus, spec, settings, started, still_held, hold)
    return Completed(message=f"{outcome.verdict}: {outcome.reason}", data=outcome)


def _parent(spec: ModelSpec, champion: Entry, versions: list[ModelVersion]) -> ModelVersion | None:
    """The champion to learn on from; none where it answers other labels than are declared now."""
    found = next(one for one in versions if one.version == champion.version)
    return found if found.labels == spec.labels else None


def skipped(model: str, reason: str) -> State[Any]:
    """A completed run that did nothing, and says why."""
    return Completed(name="Skipped", message=reason, data=Outcome(model, "skipped", reason, 0.0))
