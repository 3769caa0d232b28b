"""The flow that learns again from what customers and colleagues said, when there is enough of it."""

import time
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.edge import declared
from flows.outcome import Outcome
from flows.training import judge
from pipelines.catalog import ModelSpec
from pipelines.lease import Held, lease
from pipelines.ledger import Ledger
from pipelines.registry import ModelVersion, Registry
from pipelines.settings import Settings
from tasks.feedback import Lessons, collect
from tasks.ingestion import ingest
from tasks.training import learn
from tasks.validation import validate


@flow(name="retrain", flow_run_name="retrain-{model}", timeout_seconds=12 * 3600)
def retrain(model: str) -> State[Outcome]:
    """Continue from the champion with new feedback; `Skipped` with a reason where there is nothing to do."""
    settings, spec = declared(model)
    started = time.perf_counter()
    try:
        with lease(settings.database, f"train-{model}"):
            return _cycle(spec, settings, started)
    except Held as held:
        return skipped(model, str(held))


def retrained(model: str) -> Outcome:
    """Run the flow here; a flow that ends in a state of its own gives that state's data."""
    outcome: Any = retrain(model)
    return Outcome(**vars(outcome))


def _cycle(spec: ModelSpec, settings: Settings, started: float) -> State[Outcome]:
    champion = Ledger(settings.ledger).champion(spec.name)
    if champion is None:
        return skipped(spec.name, f"no champion to learn from yet; run: needloop train {spec.name}")
    versions = Registry(settings).versions(spec.name)
    lessons = collect(spec, settings, after=max((one.feedback for one in versions), default=0))
    if lessons.new < spec.retraining.feedback:
        return skipped(
            spec.name, f"{lessons.new} new feedback of the {spec.retraining.feedback} that start a retraining"
        )
    parent = next(one for one in versions if one.version == champion.version)
    outcome = _learn_again(spec, settings, parent, lessons, started)
    return Completed(message=f"{outcome.verdict}: {outcome.reason}", data=outcome)


def _learn_again(
    spec: ModelSpec, settings: Settings, parent: ModelVersion, lessons: Lessons, started: float
) -> Outcome:
    corpus = ingest(spec, settings, lessons.rows)
    validate(corpus, spec, settings)
    version = learn(corpus, spec, settings, parent=parent, feedback=lessons.last)
    return judge(version, corpus, spec, settings, started)


def skipped(model: str, reason: str) -> State[Any]:
    """A completed run that did nothing, and says why."""
    return Completed(name="Skipped", message=reason, data=Outcome(model, "skipped", reason, 0.0))
