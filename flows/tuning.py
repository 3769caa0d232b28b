"""The flow that searches for the best encoder and recipe of a declared model."""

import logging
from typing import cast

from prefect import flow

from flows.context import load_model
from flows.tagging import run_tagged
from pipelines.tuning.applying import apply
from pipelines.tuning.tuning_result import Plan, Tuning
from tasks.ingestion import ingest
from tasks.tuning import search
from tasks.validation import validate

log = logging.getLogger(__name__)


@flow(name="tune", flow_run_name="tune {model}", timeout_seconds=24 * 3600)
def tune(model: str, plan: Plan, write: bool = False) -> Tuning:
    """Compare recipes on validation rows; `write` writes the chosen recipe into the user's catalog."""
    workspace, spec = load_model(model)
    with workspace.lease(f"tune-{model}") as still_held:
        corpus = ingest(spec, workspace)
        validate(corpus, spec, workspace)
        tuning = search(corpus.train, spec, workspace, plan)
        still_held()
        if write and tuning.choice.trial not in (None, tuning.declared):
            apply(tuning.chosen, workspace.catalog_file)
    log.info("%s: %s", model, tuning.choice.reason)
    return tuning


def run_tuning(model: str, plan: Plan, write: bool) -> Tuning:
    """Run the flow in this process."""
    return cast(Tuning, run_tagged(tune, model, plan, write))
