"""Messages of a model's own field that nobody labelled: masked, distinct, and none of them held out."""

import logging

import pandas as pd

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.home.workspace import Workspace
from pipelines.ingestion import quarantine, snapshot, sources
from pipelines.ingestion.leakage_filter import SOURCE, Example, remove_leaks
from pipelines.ingestion.reading import Messages, gather
from pipelines.ingestion.snapshot import Snapshot
from pipelines.ingestion.splits import Splits, pool
from pipelines.masking.mask import mask

log = logging.getLogger(__name__)


def messages(spec: ModelSpec, workspace: Workspace) -> Snapshot | None:
    """The texts of `source.unlabelled` as a snapshot of `key, text`; None where the source declares none.

    Left out is what the source itself holds, nearly or exactly, and what its hash keeps for judging: the unlabelled
    text of a held-out message would be learnt by heart too.
    """
    if spec.source.unlabelled is None:
        return None
    pools = pool(spec)
    reading = gather(spec.source.unlabelled, _columns(spec.source, spec.source.unlabelled))
    new = {key: one for key, one in reading.messages.items() if not _known(key, pools)}
    held = [example.text for part in (pools.test, pools.traffic, pools.train) for example in _examples(part, spec)]
    kept = remove_leaks(_examples(new, spec), held).train
    quarantine.write(reading.bad, workspace.files.quarantine(spec.name))
    log.info("unlabelled: %d of %d messages are new and may be learnt from", len(kept), len(reading.messages))
    return snapshot.write(_frame(kept), workspace.files.snapshots(spec.name))


def _columns(source: Source, uri: str) -> Source:
    """How the unlabelled source is read: its texts stand under the source's own column name, or under `text`."""
    text = source.text if source.text in sources.columns(uri) else "text"
    return source.model_copy(update={"uri": uri, "text": text, "label": None, "id": None})


def _known(key: str, pools: Splits) -> bool:
    """Whether a text is held out, seen or not, or the source has it already."""
    return pools.holds_out(key) or key in pools.train or key in pools.traffic


def _examples(found: Messages, spec: ModelSpec) -> list[Example]:
    return [
        Example(key, mask(record.text, spec.source.keep_handles), "", SOURCE, weight=1.0)
        for key, record in found.items()
    ]


def _frame(examples: list[Example]) -> pd.DataFrame:
    keys, texts = [one.key for one in examples], [one.text for one in examples]
    return pd.DataFrame({"key": pd.array(keys, dtype="str"), "text": pd.array(texts, dtype="str")})
