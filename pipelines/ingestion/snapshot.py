"""Immutable tables: a Parquet file named by the digest of its rows, verified at every read."""

import hashlib
import io
import json
from dataclasses import dataclass
from json.encoder import encode_basestring

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.storage import blobs

_BATCH = 2**13


class BrokenSnapshot(ValueError):
    """A snapshot that is missing or whose rows do not match its digest."""


@dataclass(frozen=True)
class Snapshot:
    """The address of a table, the digest of its content, and its number of rows."""

    uri: str
    digest: str
    rows: int


def write(rows: pd.DataFrame | pa.Table, folder: str) -> Snapshot:
    """Store the rows, sorted by `key`, under their digest; existing rows are not written again."""
    table = pa.Table.from_pandas(rows, preserve_index=False) if isinstance(rows, pd.DataFrame) else rows
    ordered = table.take(pc.sort_indices(table, [("key", "ascending")]))
    digest = content_digest(ordered)
    uri = f"{folder.rstrip('/')}/{digest}.parquet"
    if not blobs.exists(uri):
        stream = pa.BufferOutputStream()
        pq.write_table(ordered, stream, compression="zstd")
        blobs.write(stream.getvalue().to_pybytes(), uri)
    return Snapshot(uri, digest, len(ordered))


def find_snapshot(folder: str, digest: str) -> Snapshot | None:
    """A snapshot by its digest alone; None if there is none."""
    uri = f"{folder.rstrip('/')}/{digest}.parquet"
    if not blobs.exists(uri):
        return None
    return Snapshot(uri, digest, pq.read_metadata(io.BytesIO(blobs.load(uri))).num_rows)


def read(snapshot: Snapshot) -> pd.DataFrame:
    """The rows, verified by their digest. Raises BrokenSnapshot."""
    remedy = "delete it if it is there, and ingest its source again"
    try:
        table = pq.read_table(io.BytesIO(blobs.load(snapshot.uri)))
    except FileNotFoundError:
        raise BrokenSnapshot(f"{snapshot.uri} is gone; {remedy}") from None
    except (pa.ArrowException, OSError) as error:
        raise BrokenSnapshot(f"{snapshot.uri} cannot be read as Parquet ({error}); {remedy}") from error
    if content_digest(table) != snapshot.digest or len(table) != snapshot.rows:
        raise BrokenSnapshot(f"{snapshot.uri} does not hold the rows of its digest; {remedy}")
    frame: pd.DataFrame = table.to_pandas()
    return frame


def content_digest(rows: pa.Table) -> str:
    """SHA-256 of names and values in order: Parquet's bytes depend on the version of its writer, these do not.

    A row counts as one line of JSON, in UTF-8 without escapes; the columns are encoded one after the other.
    """
    state = hashlib.sha256(json.dumps(rows.column_names).encode())
    for batch in rows.to_batches(_BATCH):
        if len(batch):
            cells = zip(*map(_as_json, batch.columns), strict=True)
            state.update("".join(f"[{', '.join(row)}]\n" for row in cells).encode())
    return state.hexdigest()


def _as_json(values: pa.Array) -> list[str]:
    """Each value as `json.dumps` writes it; an empty cell of text or of a number is NaN, as pandas has it."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return ["NaN" if value is None else encode_basestring(value) for value in values.to_pylist()]
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return json.dumps(values.to_pylist())[1:-1].split(", ")
    if pa.types.is_floating(kind):
        return json.dumps(values.to_numpy(zero_copy_only=False).tolist())[1:-1].split(", ")
    return [json.dumps(value, ensure_ascii=False) for value in values.to_pylist()]
