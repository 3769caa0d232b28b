"""The flow that finds out which backbone and recipe learn a declared model best."""

import logging

from prefect import flow

from flows.edge import declared
from pipelines.lease import lease
from pipelines.tuning.applying import apply
from pipelines.tuning.tuning import Plan, Tuning
from tasks.ingestion import ingest
from tasks.tuning import search
from tasks.validation import validate

log = logging.getLogger(__name__)


@flow(name="tune", flow_run_name="tune-{model}", timeout_seconds=24 * 3600)
def tune(model: str, plan: Plan, write: bool = False) -> Tuning:
    """Compare recipes on validation rows; `write` puts the chosen one into the user's catalog."""
    settings, spec = declared(model)
    with lease(settings.database, f"tune-{model}") as still_held:
        corpus = ingest(spec, settings)
        validate(corpus, spec, settings)
        tuning = search(corpus.train, spec, settings, plan)
        still_held()
        if write and tuning.choice.trial not in (None, tuning.declared):
            apply(tuning.chosen, settings.catalog_file)
    log.info("%s: %s", model, tuning.choice.reason)
    return tuning
