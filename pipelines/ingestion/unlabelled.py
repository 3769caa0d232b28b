"""Unlabelled messages of a model's own field: masked, distinct, and none of them held out."""

import logging
from typing import TYPE_CHECKING

import pandas as pd

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import quarantine, snapshot, sources
from pipelines.ingestion.leakage_filter import Example, remove_leaks
from pipelines.ingestion.masked_examples import masked_examples
from pipelines.ingestion.reading import Messages, gather
from pipelines.ingestion.snapshot import Snapshot
from pipelines.ingestion.splits import Splits, split_source

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
    reading = gather(spec.source.unlabelled, _columns(spec.source, spec.source.unlabelled))
    new = {key: message for key, message in reading.messages.items() if not _known(key, splits)}

    def masked(messages: Messages) -> list[Example]:
        return masked_examples(messages, spec.source, spec.recipe.truncation).examples

    known_texts = [example.text for part in (splits.test, splits.traffic, splits.train) for example in masked(part)]
    examples = remove_leaks(masked(new), known_texts).train
    quarantine.write(reading.quarantined, workspace.files.quarantine(spec.name))
    log.info("unlabelled: %d of %d messages are new and may be learnt from", len(examples), len(reading.messages))
    return snapshot.write(_frame(examples), workspace.files.snapshots(spec.name))


def _columns(source: Source, uri: str) -> Source:
    """The unlabelled source's declaration: its text column is the source's own, or `text`."""
    text = source.text if source.text in sources.columns(uri) else "text"
    return source.model_copy(update={"uri": uri, "text": text, "label": None, "id": None})


def _known(key: str, splits: Splits) -> bool:
    """True if a text is held out, seen or not, or the source has it already."""
    return splits.holds_out(key) or key in splits.train or key in splits.traffic


def _frame(examples: list[Example]) -> pd.DataFrame:
    keys, texts = [example.key for example in examples], [example.text for example in examples]
    return pd.DataFrame({"key": pd.array(keys, dtype="str"), "text": pd.array(texts, dtype="str")})
