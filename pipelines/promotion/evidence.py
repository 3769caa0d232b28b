"""The evidence of a decision: it is saved under the SHA-256 of each file, and verified whenever it is read."""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipelines.evaluation.scorecard import Scorecard
from pipelines.storage import blobs

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.ingestion.snapshot import Snapshot

Evidence = Mapping[str, str]  # SHA-256 by address
Rows = tuple[dict[str, Any], ...]


class TamperedEvidence(ValueError):
    """Evidence is missing or was altered since the decision."""


def save_evidence(
    card: Scorecard, tables: "Iterable[pd.DataFrame]", snapshots: "Iterable[Snapshot]", folder: str
) -> Evidence:
    """Save the scorecard as JSON and its tables in `folder`; returns SHA-256 by address, also of the `snapshots`.

    The tables are the answers (key, label, one column a contestant) and the recent feedback (key, text, label,
    feedback) if there is some.
    """
    from pipelines.ingestion import snapshot  # brings pandas, which the service does not need

    written = [snapshot.write(table, folder) for table in tables]
    document = json.dumps(card.document(), ensure_ascii=False, sort_keys=True).encode()
    file = blobs.write(document, f"{folder}/{hashlib.sha256(document).hexdigest()}.json")
    return {uri: file_digest(uri) for uri in (file, *(saved.uri for saved in (*written, *snapshots)))}


def scorecard_in(evidence: Evidence) -> Scorecard:
    """The scorecard of a decision, in the form of this version or an older one. Raises TamperedEvidence."""
    for uri, sha256 in evidence.items():
        if uri.endswith(".json"):
            return Scorecard.of(json.loads(_verified(uri, sha256)))
    raise TamperedEvidence("the decision names no scorecard")


def answers(evidence: Evidence) -> Rows:
    """A row for each held-out text: key, label, and the answer of each contestant. Raises TamperedEvidence."""
    return _table(evidence, "challenger")


def texts(evidence: Evidence) -> Rows:
    """The masked held-out texts by key, without those of recent feedback. Raises TamperedEvidence."""
    return _table(evidence, "text", without="feedback")


def file_digest(uri: str) -> str:
    """SHA-256 of a stored file. Raises FileNotFoundError."""
    return hashlib.sha256(blobs.load(uri)).hexdigest()


def tampered_files(evidence: Evidence) -> list[str]:
    """The files that are missing or altered, as sentences."""
    return list(_faults(evidence))


def _faults(evidence: Evidence) -> Iterator[str]:
    for uri, sha256 in evidence.items():
        try:
            _verified(uri, sha256)
        except TamperedEvidence as fault:
            yield str(fault)


def _table(evidence: Evidence, column: str, without: str = "") -> Rows:
    for uri, sha256 in evidence.items():
        if uri.endswith(".parquet") and column in (rows := _rows(uri, sha256))[0] and without not in rows[0]:
            return rows
    raise TamperedEvidence(f"the decision names no table with a column {column!r}")


# Files are named by their digests: their content never changes.
@lru_cache(4)
def _rows(uri: str, sha256: str) -> Rows:
    from pyarrow import parquet  # imports in 0.2 s, only needed here

    return tuple(parquet.read_table(io.BytesIO(_verified(uri, sha256))).to_pylist()) or ({},)


def _verified(uri: str, sha256: str) -> bytes:
    try:
        data = blobs.load(uri)
    except FileNotFoundError:
        raise TamperedEvidence(f"{uri} is gone") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise TamperedEvidence(f"{uri} was altered")
    return data
