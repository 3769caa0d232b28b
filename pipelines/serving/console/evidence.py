"""What decisions were taken on, read as it was kept: as JSON and tables, without what counted it."""

import hashlib
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pipelines import storage
from pipelines.ledger import Entry

Rows = tuple[dict[str, Any], ...]


class Spoilt(ValueError):
    """Evidence that is gone, or is not what was judged by."""


def scorecard(entry: Entry) -> dict[str, Any]:
    """The scorecard of a decision. Raises Spoilt."""
    for uri, digest in entry.evidence.items():
        if uri.endswith(".json"):
            return _card(uri, digest)
    raise Spoilt("the decision names no scorecard")


def answers(entry: Entry) -> Rows:
    """A row for each held-out text: key, label, and what each contestant answered. Raises Spoilt."""
    return _table(entry, "challenger")


def texts(entry: Entry) -> Rows:
    """The held-out texts, masked, by key. Raises Spoilt."""
    return _table(entry, "text")


def _table(entry: Entry, column: str) -> Rows:
    for uri, digest in entry.evidence.items():
        if uri.endswith(".parquet") and column in (rows := _rows(uri, digest))[0]:
            return rows
    raise Spoilt(f"the decision names no table with a column {column!r}")


# Named by their digests: what was read once cannot change.
@lru_cache(256)
def _card(uri: str, digest: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_bytes(uri, digest))
    return found


@lru_cache(4)
def _rows(uri: str, digest: str) -> Rows:
    from pyarrow import parquet  # 0.2 s that nobody waits for who does not ask

    return tuple(parquet.read_table(io.BytesIO(_bytes(uri, digest))).to_pylist()) or ({},)


def _bytes(uri: str, digest: str) -> bytes:
    try:
        data = storage.load(uri)
    except FileNotFoundError:
        raise Spoilt(f"{uri} is gone") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise Spoilt(f"{uri} was altered")
    return data


def figures(card: Mapping[str, Any]) -> dict[str, Any]:
    """What a list of versions shows of a scorecard."""
    return {"rows": card["rows"], **{name: card["challenger"][name] for name in ("macro_f1", "accuracy")}}
