"""The flow that trains the champion on with feedback, once there is enough of it."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from prefect import flow
from prefect.client.schemas.objects import State

from flows.context import load_model
from flows.outcome import BY_HAND, Outcome, final_state, outcome_of
from flows.tagging import run_tagged
from flows.training import evaluate_and_decide
from flows.vetting import check_feedback
from pipelines.catalog.spec import ModelSpec
from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import last_learnt_feedback
from pipelines.promotion.verdict import Verdict
from pipelines.registry.version import ModelVersion
from pipelines.store.lease import LeaseHeld
from pipelines.workspace.workspace import Workspace
from tasks.feedback import LabelledFeedback, collect
from tasks.training import learn

log = logging.getLogger(__name__)


@flow(name="retrain", flow_run_name="retrain {model}: {cause}", timeout_seconds=12 * 3600)
def retrain(model: str, hold: bool = False, cause: str = BY_HAND, accept_loss: bool = False) -> State[Outcome]:
    """Continue training from the champion with new feedback; ends as `Skipped` if there is nothing to learn.

    With `hold`, here or in the declaration, a version that passes the gate waits for a person to promote it. `cause` is
    part of the run's name; each schedule and automation sets its own. With `accept_loss`, more than half of the
    source's rows may be lost.
    """
    workspace, spec = load_model(model, accept_loss)
    started = time.perf_counter()
    log.info("%s is retrained, if there is enough to learn; cause: %s", model, cause)
    try:
        with workspace.lease(f"train-{model}") as still_held:
            return _cycle(spec, workspace, started, still_held, hold or spec.retraining.require_approval)
    except LeaseHeld as held:
        return skipped_state(model, str(held))


def run_retraining(model: str, hold: bool = False, cause: str = BY_HAND, accept_loss: bool = False) -> Outcome:
    """Run the flow in this process."""
    return outcome_of(run_tagged(retrain, model, hold, cause, accept_loss))


def _cycle(
    spec: ModelSpec, workspace: Workspace, started: float, still_held: Callable[[], None], hold: bool
) -> State[Outcome]:
    ledger = workspace.ledger
    champion = ledger.champion(spec.name)
    if champion is None:
        return skipped_state(spec.name, f"no champion to learn from yet; run: needloop train {spec.name}")
    # A version that a killed run registered without a decision does not count: it is found again and evaluated.
    last_seen = last_learnt_feedback(entry for entry in ledger.entries() if entry.model == spec.name)
    labelled = collect(spec, workspace, after=last_seen)
    if labelled.new < spec.retraining.feedback:
        return skipped_state(spec.name, _with_left_out(_too_few(spec, labelled), labelled))
    checked = check_feedback(spec, workspace, labelled, last_seen)
    corpus, labelled, aside = checked.corpus, checked.labelled, checked.set_aside
    if aside and labelled.new < spec.retraining.feedback:
        return skipped_state(spec.name, _with_left_out(_too_few(spec, labelled), labelled, aside), aside)
    if not corpus.report.learnt_feedback:
        unusable = f"none of {len(labelled.rows)} feedback texts can be learnt: held out, or already known"
        return skipped_state(spec.name, _with_left_out(unusable, labelled, aside), aside)
    parent = _parent(spec, champion, workspace.registry.versions(spec.name))
    version = learn(corpus, spec, workspace, parent, feedback=labelled.last)
    outcome = evaluate_and_decide(version, corpus, spec, workspace, labelled.rows, started, still_held, hold)
    reason = _with_left_out(outcome.reason, labelled, aside)
    return final_state(replace(outcome, reason=reason, ties=labelled.ties, set_aside=aside))


def _too_few(spec: ModelSpec, labelled: LabelledFeedback) -> str:
    return f"{labelled.new} new labels of the {spec.retraining.feedback} that start a retraining"


def _with_left_out(reason: str, labelled: LabelledFeedback, aside: str = "") -> str:
    """The reason, with the feedback that was left out: tied votes and rows set aside."""
    tied = f"{labelled.ties} texts with tied votes wait for review" if labelled.ties else ""
    return "; ".join(part for part in (reason, tied, aside) if part)


def _parent(spec: ModelSpec, champion: Entry, versions: list[ModelVersion]) -> ModelVersion | None:
    """The champion as the start of training; None if its labels differ from the declared ones."""
    parent = next(version for version in versions if version.version == champion.version)
    return parent if parent.target.identity == spec.target.identity else None


def skipped_state(model: str, reason: str, aside: str = "") -> State[Outcome]:
    """The final state of a run that trained nothing; `aside` is the sentence about feedback that was set aside."""
    return final_state(Outcome(model, Verdict.SKIPPED, reason, 0.0, set_aside=aside))
