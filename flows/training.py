"""The flow that trains a declared model from its base: for a first champion, or after its data or recipe changed."""

import logging
import time
from collections.abc import Callable, Sequence

from prefect import flow
from prefect.client.schemas.objects import State

from flows.context import load_model
from flows.outcome import BY_HAND, Outcome, final_state, outcome_of
from flows.tagging import run_tagged
from pipelines.catalog.spec import ModelSpec
from pipelines.inference.artefact import open_package
from pipelines.ingestion.corpus import Corpus
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import override_reason
from pipelines.promotion.decision import gate_digest
from pipelines.promotion.evidence import scorecard_in
from pipelines.promotion.registry_sync import sync_aliases
from pipelines.promotion.verdict import Verdict, held_or_refused, verdict
from pipelines.registry.version import ModelVersion
from pipelines.store.labelled_feedback import LabelledText
from pipelines.workspace.workspace import Workspace
from tasks.card import describe
from tasks.evaluation import evaluate
from tasks.feedback import collect
from tasks.ingestion import ingest
from tasks.promotion import promote
from tasks.training import learn
from tasks.validation import validate

log = logging.getLogger(__name__)


@flow(name="train", flow_run_name="train {model}: {cause}", timeout_seconds=12 * 3600)
def train(model: str, hold: bool = False, cause: str = BY_HAND, accept_loss: bool = False) -> State[Outcome]:
    """Fine-tune a declared model from its base, and decide about it against the champion.

    With `hold`, a version that passes the gate waits for a person to promote it. `cause` is part of the run's name.
    With `accept_loss`, more than half of the source's rows may be lost.
    """
    workspace, spec = load_model(model, accept_loss)
    started = time.perf_counter()
    log.info("%s is trained from its base; cause: %s", model, cause)
    with workspace.lease(f"train-{model}") as still_held:
        corpus = ingest(spec, workspace)
        validate(corpus, spec, workspace)
        version = learn(corpus, spec, workspace, parent=None, feedback=0)
        labelled = collect(spec, workspace, after=0).rows
        return final_state(evaluate_and_decide(version, corpus, spec, workspace, labelled, started, still_held, hold))


def run_training(model: str, hold: bool = False, cause: str = BY_HAND, accept_loss: bool = False) -> Outcome:
    """Run the flow in this process."""
    return outcome_of(run_tagged(train, model, hold, cause, accept_loss))


def evaluate_and_decide(
    version: ModelVersion,
    corpus: Corpus,
    spec: ModelSpec,
    workspace: Workspace,
    labelled: Sequence[LabelledText],
    started: float,
    still_held: Callable[[], None],
    hold: bool,
) -> Outcome:
    """Evaluate and decide, unless this version is the champion or was decided by the gate that is declared now.

    In that case the earlier decision and its scorecard are returned, and the test split is not used again.
    `labelled` is all labelled feedback, as read for this cycle.
    """
    ledger = workspace.ledger
    decided, champion = ledger.last_decision(spec.name, version.version), ledger.champion(spec.name)
    is_champion = champion is not None and champion.version == version.version
    if decided and (is_champion or decided.event.subject.gate == gate_digest(spec)):
        # Raises BrokenPackage if the package is no longer the one that was decided about.
        open_package(version.location, version.digest, workspace.files.packages)
        sync_aliases(spec.name, workspace)
        earlier = Verdict.PROMOTED if is_champion else held_or_refused(decided.event)
        reason = f"unchanged since {decided.time[:10]}, not trained again; then: {_describe_decision(decided)}"
        reason += _next_step(version, champion) if earlier is Verdict.HELD else ""
        seconds, card = time.perf_counter() - started, scorecard_in(decided.files)
        return Outcome(spec.name, earlier, reason, seconds, version, card, reused=True, rows=corpus.report)
    card = evaluate(version, corpus, spec, workspace, labelled)
    still_held()
    decision = promote(version, card, spec, workspace, hold=hold)
    describe(spec.name, version.version, workspace)
    result = verdict(decision.promote, hold=hold)
    log.info("%s version %d %s: %s", spec.name, version.version, result, decision.reason)
    reason = decision.reason + (_next_step(version, champion) if result is Verdict.HELD else "")
    return Outcome(spec.name, result, reason, time.perf_counter() - started, version, card, rows=corpus.report)


def _next_step(version: ModelVersion, champion: Entry | None) -> str:
    """The commands for a held version: canary, promote."""
    options = f"{version.name} --version {version.version}"
    canary = f"; to try it: needloop canary {options}" if champion else ""
    return f"{canary}; to promote it: needloop promote {options}"


def _describe_decision(decided: Entry) -> str:
    """The decision, its reasons, and the override if a person decided against the gate."""
    override = override_reason(decided.event)
    prefix = f"overridden ({override}): " if override else ""
    return f"{decided.event.tag}, {prefix}{'; '.join(decided.reasons)}"
