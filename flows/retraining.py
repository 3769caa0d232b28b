"""The flow that learns again from what customers and colleagues said, when there is enough of it."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from prefect import flow
from prefect.client.schemas.objects import State

from flows.context import load_model
from flows.outcome import BY_HAND, Outcome, concluded, outcome_of
from flows.tagging import run_tagged
from flows.training import judge
from flows.vetting import vetted
from pipelines.catalog.spec import ModelSpec
from pipelines.home.workspace import Workspace
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import learnt
from pipelines.promotion.verdict import Verdict
from pipelines.registry.version import ModelVersion
from pipelines.store.lease import LeaseHeld
from tasks.feedback import Lessons, collect
from tasks.training import learn

log = logging.getLogger(__name__)


@flow(name="retrain", flow_run_name="retrain {model}: {cause}", timeout_seconds=12 * 3600)
def retrain(model: str, hold: bool = False, cause: str = BY_HAND) -> State[Outcome]:
    """Continue from the champion with new feedback; `Skipped` with a reason where there is nothing to do.

    What is on `hold`, here or by declaration, is judged, and waits to be tried and promoted by a person. `cause` is
    for the run's name: each schedule and automation says its own.
    """
    workspace, spec = load_model(model)
    started = time.perf_counter()
    log.info("%s is retrained, if there is enough to learn; cause: %s", model, cause)
    try:
        with workspace.lease(f"train-{model}") as still_held:
            return _cycle(spec, workspace, started, still_held, hold or spec.retraining.hold)
    except LeaseHeld as held:
        return skipped(model, str(held))


def retrained(model: str, hold: bool = False, cause: str = BY_HAND) -> Outcome:
    """Run the flow in this process."""
    return outcome_of(run_tagged(retrain, model, hold, cause))


def _cycle(
    spec: ModelSpec, workspace: Workspace, started: float, still_held: Callable[[], None], hold: bool
) -> State[Outcome]:
    ledger = workspace.ledger
    champion = ledger.champion(spec.name)
    if champion is None:
        return skipped(spec.name, f"no champion to learn from yet; run: needloop train {spec.name}")
    # A version that a killed run registered but never judged has taught nothing yet: it is found again and judged.
    known = learnt(entry for entry in ledger.entries() if entry.model == spec.name)
    lessons = collect(spec, workspace, after=known)
    if lessons.new < spec.retraining.feedback:
        return skipped(spec.name, _told(_few(spec, lessons), lessons))
    vet = vetted(spec, workspace, lessons, known)
    corpus, lessons, aside = vet.corpus, vet.lessons, vet.set_aside
    if aside and lessons.new < spec.retraining.feedback:
        return skipped(spec.name, _told(_few(spec, lessons), lessons, aside), aside)
    if not corpus.report.learnt_feedback:
        none = f"none of {len(lessons.rows)} feedback is for learning: held out, or already known"
        return skipped(spec.name, _told(none, lessons, aside), aside)
    parent = _parent(spec, champion, workspace.registry.versions(spec.name))
    version = learn(corpus, spec, workspace, parent, feedback=lessons.last)
    judged = judge(version, corpus, spec, workspace, lessons.rows, started, still_held, hold)
    told = _told(judged.reason, lessons, aside)
    return concluded(replace(judged, reason=told, ties=lessons.ties, set_aside=aside))


def _few(spec: ModelSpec, lessons: Lessons) -> str:
    return f"{lessons.new} new feedback of the {spec.retraining.feedback} that start a retraining"


def _told(reason: str, lessons: Lessons, aside: str = "") -> str:
    """The reason, with what of the feedback was not learnt from."""
    tied = f"{lessons.ties} texts with tied votes wait for review" if lessons.ties else ""
    return "; ".join(part for part in (reason, tied, aside) if part)


def _parent(spec: ModelSpec, champion: Entry, versions: list[ModelVersion]) -> ModelVersion | None:
    """The champion to learn on from; none where it answers other labels than are declared now."""
    found = next(one for one in versions if one.version == champion.version)
    return found if found.target.identity == spec.target.identity else None


def skipped(model: str, reason: str, aside: str = "") -> State[Outcome]:
    """A completed run that did nothing, and says why; `aside` tells whose feedback was set aside, if any."""
    return concluded(Outcome(model, Verdict.SKIPPED, reason, 0.0, set_aside=aside))
