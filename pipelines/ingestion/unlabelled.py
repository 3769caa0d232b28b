"""Unlabelled messages of a model's own field: masked, distinct, and none of them held out."""

import logging
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import quarantine, snapshot, sources
from pipelines.ingestion.corpus_columns import with_origin
from pipelines.ingestion.leakage_filter import without_leaks
from pipelines.ingestion.message_columns import column, hash_values, is_in, rows_where
from pipelines.ingestion.reading import gather, masker_of
from pipelines.ingestion.snapshot import Snapshot
from pipelines.ingestion.splits import TEST, Splits, split_source

if TYPE_CHECKING:
    from pipelines.workspace.workspace import Workspace

log = logging.getLogger(__name__)


def messages(spec: ModelSpec, workspace: "Workspace") -> Snapshot | None:
    """The texts of `source.unlabelled` as a snapshot of `key, text`; None if the source declares none.

    Left out are texts that the source itself holds, nearly or exactly, and texts that their hash holds out: the text
    of a held-out message would be memorised without its label too.
    """
    if spec.source.unlabelled is None:
        return None
    splits = split_source(spec)
    source = _columns(spec.source, spec.source.unlabelled)
    reading = gather(spec.source.unlabelled, source, masker=masker_of(spec.source, spec.recipe.truncation))
    parts = [splits.test, splits.traffic, splits.train]
    new = with_origin(_new(reading.messages, splits))
    known = pa.concat_arrays([column(part, "text") for part in parts])
    messages = without_leaks(new, known).messages
    quarantine.write(reading.quarantined, workspace.files.quarantine(spec.name))
    log.info("unlabelled: %d of %d messages are new and may be learnt from", len(messages), len(reading.messages))
    return snapshot.write(messages.select(["key", "text"]), workspace.files.snapshots(spec.name))


def _columns(source: Source, uri: str) -> Source:
    """The unlabelled source's declaration: its text column is the source's own, or `text`."""
    text = source.text if source.text in sources.columns(uri) else "text"
    return source.model_copy(update={"uri": uri, "text": text, "label": None, "id": None})


def _new(messages: pa.Table, splits: Splits) -> pa.Table:
    """Those messages that are not held out, seen or not, and that the source does not have."""
    keys = column(messages, "key")
    source = pa.concat_arrays([column(part, "key") for part in (splits.test, splits.traffic, splits.train)])
    return rows_where(messages, ~is_in(keys, source) & (hash_values(keys, 0) >= TEST))
