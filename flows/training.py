"""The flow that gives a declared model its first champion, or a new one after its data or recipe changed."""

import logging
import time
from collections.abc import Callable

from prefect import flow

from flows.edge import declared
from flows.outcome import Outcome
from pipelines.catalog import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.lease import lease
from pipelines.ledger import Ledger
from pipelines.promotion.decision import gate_digest
from pipelines.promotion.evidence import scorecard_in
from pipelines.registry import ModelVersion
from pipelines.settings import Settings
from tasks.card import describe
from tasks.evaluation import evaluate
from tasks.ingestion import ingest
from tasks.promotion import align, promote
from tasks.training import learn
from tasks.validation import validate

log = logging.getLogger(__name__)


@flow(name="train", flow_run_name="train-{model}", timeout_seconds=12 * 3600)
def train(model: str) -> Outcome:
    """Fine-tune one declared model from its base and let it stand against the champion."""
    settings, spec = declared(model)
    started = time.perf_counter()
    with lease(settings.database, f"train-{model}") as still_held:
        corpus = ingest(spec, settings)
        validate(corpus, spec, settings)
        version = learn(corpus, spec, settings, parent=None, feedback=0)
        return judge(version, corpus, spec, settings, started, still_held)


def judge(
    version: ModelVersion,
    corpus: Corpus,
    spec: ModelSpec,
    settings: Settings,
    started: float,
    still_held: Callable[[], None],
) -> Outcome:
    """Evaluate and decide, unless the ledger already holds a decision about this very version that still counts.

    Then nothing is judged anew: the scorecard of that decision is given back, and the test split is not looked at.
    """
    decided = Ledger(settings.ledger).judged(spec.name, version.version)
    if decided and (decided.crowns or decided.gate == gate_digest(spec.gate)):
        align(spec.name, settings)
        verdict = "promoted" if decided.crowns else "refused"
        reason = f"unchanged since {decided.time[:10]}, not trained again; then: {'; '.join(decided.reasons)}"
        card = scorecard_in(decided.evidence)
        return Outcome(spec.name, verdict, reason, time.perf_counter() - started, version, card, reused=True)
    card = evaluate(version, corpus, spec, settings)
    still_held()
    decision = promote(version, card, spec, settings)
    describe(spec.name, version.version, settings)
    verdict = "promoted" if decision.promote else "refused"
    log.info("%s version %d %s: %s", spec.name, version.version, verdict, decision.reason)
    return Outcome(spec.name, verdict, decision.reason, time.perf_counter() - started, version, card)
