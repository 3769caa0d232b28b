"""The flow that gives a declared model its first champion, or a new one after its data or recipe changed."""

import logging
import time
from collections.abc import Callable, Sequence

from prefect import flow
from prefect.client.schemas.objects import State

from flows.context import load_model
from flows.outcome import BY_HAND, Outcome, concluded, outcome_of
from flows.tagging import run_tagged
from pipelines.catalog.spec import ModelSpec
from pipelines.home.workspace import Workspace
from pipelines.inference.artefact import open_package
from pipelines.ingestion.corpus import Corpus
from pipelines.ledger.entry import Entry
from pipelines.ledger.events import overridden
from pipelines.promotion.decision import gate_digest
from pipelines.promotion.evidence import scorecard_in
from pipelines.promotion.registry_sync import sync_aliases
from pipelines.promotion.verdict import Verdict, held_or_refused, verdict
from pipelines.registry.version import ModelVersion
from pipelines.store.labelled_feedback import LabelledText
from tasks.card import describe
from tasks.evaluation import evaluate
from tasks.feedback import collect
from tasks.ingestion import ingest
from tasks.promotion import promote
from tasks.training import learn
from tasks.validation import validate

log = logging.getLogger(__name__)


@flow(name="train", flow_run_name="train {model}: {cause}", timeout_seconds=12 * 3600)
def train(model: str, hold: bool = False, cause: str = BY_HAND) -> State[Outcome]:
    """Fine-tune one declared model from its base and let it stand against the champion.

    What is on `hold` is judged, and waits to be tried and promoted by a person. `cause` is for the run's name.
    """
    workspace, spec = load_model(model)
    started = time.perf_counter()
    log.info("%s is trained from its base; cause: %s", model, cause)
    with workspace.lease(f"train-{model}") as still_held:
        corpus = ingest(spec, workspace)
        validate(corpus, spec, workspace)
        version = learn(corpus, spec, workspace, parent=None, feedback=0)
        lessons = collect(spec, workspace, after=0).rows
        return concluded(judge(version, corpus, spec, workspace, lessons, started, still_held, hold))


def trained(model: str, hold: bool = False, cause: str = BY_HAND) -> Outcome:
    """Run the flow in this process."""
    return outcome_of(run_tagged(train, model, hold, cause))


def judge(
    version: ModelVersion,
    corpus: Corpus,
    spec: ModelSpec,
    workspace: Workspace,
    lessons: Sequence[LabelledText],
    started: float,
    still_held: Callable[[], None],
    hold: bool,
) -> Outcome:
    """Evaluate and decide, unless this version is the champion, or was judged by the very gate that is declared now.

    Then nothing is judged anew: the scorecard of that decision is given back, and the test split is not looked at.
    `lessons` are all that feedback teaches, as it was read for this cycle.
    """
    ledger = workspace.ledger
    decided, champion = ledger.judged(spec.name, version.version), ledger.champion(spec.name)
    crowned = champion is not None and champion.version == version.version
    if decided and (crowned or decided.event.subject.gate == gate_digest(spec)):
        open_package(version.location, version.digest, workspace.files.packages)  # still what was judged
        sync_aliases(spec.name, workspace)
        known = Verdict.PROMOTED if crowned else held_or_refused(decided.event)
        reason = f"unchanged since {decided.time[:10]}, not trained again; then: {_said(decided)}"
        reason += _next(version, champion) if known is Verdict.HELD else ""
        spent, card = time.perf_counter() - started, scorecard_in(decided.files)
        return Outcome(spec.name, known, reason, spent, version, card, reused=True)
    card = evaluate(version, corpus, spec, workspace, lessons)
    still_held()
    decision = promote(version, card, spec, workspace, hold=hold)
    describe(spec.name, version.version, workspace)
    came = verdict(decision.promote, hold=hold)
    log.info("%s version %d %s: %s", spec.name, version.version, came, decision.reason)
    reason = decision.reason + (_next(version, champion) if came is Verdict.HELD else "")
    return Outcome(spec.name, came, reason, time.perf_counter() - started, version, card)


def _next(version: ModelVersion, champion: Entry | None) -> str:
    """What to do with a held version."""
    this = f"{version.name} --version {version.version}"
    tried = f"; to try it: needloop canary {this}" if champion else ""
    return f"{tried}; to have it: needloop promote {this}"


def _said(decided: Entry) -> str:
    """What was decided, and by whom where it was a person against the gate."""
    override = overridden(decided.event)
    forced = f"overridden ({override}): " if override else ""
    return f"{decided.event.tag}, {forced}{'; '.join(decided.reasons)}"
