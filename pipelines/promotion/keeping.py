"""What a decision was taken on, kept for ever: the scorecard, every answer it was counted from, the texts."""

import hashlib
import json
from collections.abc import Iterable

import pandas as pd

from pipelines.evaluation.scorecard import Scorecard
from pipelines.ingestion import snapshot
from pipelines.ingestion.snapshot import Snapshot
from pipelines.promotion.evidence import Evidence, digest
from pipelines.storage import blobs


def kept(card: Scorecard, tables: Iterable[pd.DataFrame], read: Iterable[Snapshot], folder: str) -> Evidence:
    """SHA-256 by address: of the scorecard as JSON and the tables that it was counted from, and of what was read.

    They are kept in `folder` under their digests: the answers (key, label, one column a contestant), and the recent
    feedback (key, text, label, feedback) where there is some.
    """
    written = [snapshot.write(table, folder) for table in tables]
    said = json.dumps(card.document(), ensure_ascii=False, sort_keys=True).encode()
    file = blobs.write(said, f"{folder}/{hashlib.sha256(said).hexdigest()}.json")
    return {uri: digest(uri) for uri in (file, *(one.uri for one in (*written, *read)))}
