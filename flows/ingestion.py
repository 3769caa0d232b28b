"""The flow that reads a model's source, or unlabelled messages, without training."""

from prefect import flow

from flows.context import load_model
from pipelines.catalog.spec import Source
from pipelines.ingestion.corpus import Corpus, unlabelled
from pipelines.ingestion.snapshot import Snapshot
from tasks import ingestion
from tasks.validation import validate


@flow(name="ingest", flow_run_name="ingest {model}", timeout_seconds=3600)
def ingest(model: str, messages: str | None = None) -> Corpus | Snapshot:
    """Read and validate a model's corpus. With `messages`, the address of unlabelled messages, read those instead."""
    workspace, spec = load_model(model)
    if messages:
        fields = spec.source.model_dump() | {"uri": messages, "label": None, "labels": None, "test": None}
        return unlabelled(messages, Source(**fields), workspace)
    corpus = ingestion.ingest(spec, workspace)
    validate(corpus, spec, workspace)
    return corpus
