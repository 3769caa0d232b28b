"""The flow that gives a declared model its first champion, or a new one after its data or recipe changed."""

import logging
import time
from collections.abc import Callable

from prefect import flow

from flows.edge import declared
from flows.outcome import Outcome
from pipelines.catalog import ModelSpec
from pipelines.inference.artefact import open_package
from pipelines.ingestion.corpus import Corpus
from pipelines.lease import lease
from pipelines.ledger import Entry, Ledger
from pipelines.promotion.aligning import align
from pipelines.promotion.decision import gate_digest
from pipelines.promotion.evidence import scorecard_in
from pipelines.registry.version import ModelVersion
from pipelines.settings import Settings
from tasks.card import describe
from tasks.evaluation import evaluate
from tasks.ingestion import ingest
from tasks.promotion import promote
from tasks.training import learn
from tasks.validation import validate

log = logging.getLogger(__name__)


@flow(name="train", flow_run_name="train-{model}", timeout_seconds=12 * 3600)
def train(model: str, hold: bool = False) -> Outcome:
    """Fine-tune one declared model from its base and let it stand against the champion.

    What is on `hold` is judged, and waits to be tried and promoted by a person.
    """
    settings, spec = declared(model)
    started = time.perf_counter()
    with lease(settings.database, f"train-{model}") as still_held:
        corpus = ingest(spec, settings)
        validate(corpus, spec, settings)
        version = learn(corpus, spec, settings, parent=None, feedback=0)
        return judge(version, corpus, spec, settings, started, still_held, hold)


def judge(
    version: ModelVersion,
    corpus: Corpus,
    spec: ModelSpec,
    settings: Settings,
    started: float,
    still_held: Callable[[], None],
    hold: bool,
) -> Outcome:
    """Evaluate and decide, unless this version is the champion, or was judged by the very gate that is declared now.

    Then nothing is judged anew: the scorecard of that decision is given back, and the test split is not looked at.
    """
    ledger = Ledger(settings.ledger)
    decided, champion = ledger.judged(spec.name, version.version), ledger.champion(spec.name)
    crowned = champion is not None and champion.version == version.version
    if decided and (crowned or decided.gate == gate_digest(spec)):
        open_package(version.location, version.digest, settings.home / "cache" / "packages")  # still what was judged
        align(spec.name, settings)
        verdict = "promoted" if crowned else "held" if decided.event == "hold" else "refused"
        reason = f"unchanged since {decided.time[:10]}, not trained again; then: {_said(decided)}"
        reason += _next(version, champion) if verdict == "held" else ""
        spent, card = time.perf_counter() - started, scorecard_in(decided.evidence)
        return Outcome(spec.name, verdict, reason, spent, version, card, reused=True)
    card = evaluate(version, corpus, spec, settings)
    still_held()
    decision = promote(version, card, spec, settings, hold=hold)
    describe(spec.name, version.version, settings)
    passed = "held" if hold else "promoted"
    verdict = passed if decision.promote else "refused"
    log.info("%s version %d %s: %s", spec.name, version.version, verdict, decision.reason)
    reason = decision.reason + (_next(version, champion) if verdict == "held" else "")
    return Outcome(spec.name, verdict, reason, time.perf_counter() - started, version, card)


def _next(version: ModelVersion, champion: Entry | None) -> str:
    """What to do with a held version."""
    this = f"{version.name} --version {version.version}"
    tried = f"; to try it: needloop canary {this}" if champion else ""
    return f"{tried}; to have it: needloop promote {this}"


def _said(decided: Entry) -> str:
    """What was decided, and by whom where it was a person against the gate."""
    forced = f"overridden ({decided.override}): " if decided.override else ""
    return f"{decided.event}, {forced}{'; '.join(decided.reasons)}"
