"""What a decision was taken on, read as it was kept, by whoever shows it: each file proved by its digest."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pipelines.evaluation.scorecard import Scorecard
from pipelines.storage import blobs

Evidence = Mapping[str, str]  # SHA-256 by address
Rows = tuple[dict[str, Any], ...]


class TamperedEvidence(ValueError):
    """Evidence that is gone, or no longer what was judged by."""


def scorecard_in(evidence: Evidence) -> Scorecard:
    """The scorecard that a decision was taken on, as this version or an older one kept it. Raises TamperedEvidence."""
    for uri, known in evidence.items():
        if uri.endswith(".json"):
            return Scorecard.of(json.loads(_verified(uri, known)))
    raise TamperedEvidence("the decision names no scorecard")


def answers(evidence: Evidence) -> Rows:
    """A row for each held-out text: key, label, and what each contestant answered. Raises TamperedEvidence."""
    return _table(evidence, "challenger")


def texts(evidence: Evidence) -> Rows:
    """The held-out texts, masked, by key; not those of recent feedback, which is kept too. Raises TamperedEvidence."""
    return _table(evidence, "text", without="feedback")


def digest(uri: str) -> str:
    """SHA-256 of what lies there. Raises FileNotFoundError."""
    return hashlib.sha256(blobs.load(uri)).hexdigest()


def tampered_files(evidence: Evidence) -> list[str]:
    """What is gone or no longer what was judged by, in sentences."""
    return list(_faults(evidence))


def _faults(evidence: Evidence) -> Iterator[str]:
    for uri, known in evidence.items():
        try:
            _verified(uri, known)
        except TamperedEvidence as fault:
            yield str(fault)


def _table(evidence: Evidence, column: str, without: str = "") -> Rows:
    for uri, known in evidence.items():
        if uri.endswith(".parquet") and column in (rows := _rows(uri, known))[0] and without not in rows[0]:
            return rows
    raise TamperedEvidence(f"the decision names no table with a column {column!r}")


# Named by their digests: what was read once cannot change.
@lru_cache(4)
def _rows(uri: str, known: str) -> Rows:
    from pyarrow import parquet  # 0.2 s that nobody waits for who does not ask

    return tuple(parquet.read_table(io.BytesIO(_verified(uri, known))).to_pylist()) or ({},)


def _verified(uri: str, known: str) -> bytes:
    try:
        data = blobs.load(uri)
    except FileNotFoundError:
        raise TamperedEvidence(f"{uri} is gone") from None
    if hashlib.sha256(data).hexdigest() != known:
        raise TamperedEvidence(f"{uri} was altered")
    return data
