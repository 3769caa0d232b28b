"""Immutable tables: a Parquet file named by the digest of its rows, verified at every read."""

import hashlib
import io
import json
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.storage import blobs


class BrokenSnapshot(ValueError):
    """A snapshot that is missing or whose rows do not match its digest."""


@dataclass(frozen=True)
class Snapshot:
    """The address of a table, the digest of its content, and its number of rows."""

    uri: str
    digest: str
    rows: int


def write(frame: pd.DataFrame, folder: str) -> Snapshot:
    """Store the rows, sorted by `key`, under their digest; existing rows are not written again."""
    ordered = frame.sort_values("key", kind="stable", ignore_index=True)
    digest = content_digest(ordered)
    uri = f"{folder.rstrip('/')}/{digest}.parquet"
    if not blobs.exists(uri):
        stream = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(ordered, preserve_index=False), stream, compression="zstd")
        blobs.write(stream.getvalue(), uri)
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
        frame: pd.DataFrame = pq.read_table(io.BytesIO(blobs.load(snapshot.uri))).to_pandas()
    except FileNotFoundError:
        raise BrokenSnapshot(f"{snapshot.uri} is gone; {remedy}") from None
    except (pa.ArrowException, OSError) as error:
        raise BrokenSnapshot(f"{snapshot.uri} cannot be read as Parquet ({error}); {remedy}") from error
    if content_digest(frame) != snapshot.digest or len(frame) != snapshot.rows:
        raise BrokenSnapshot(f"{snapshot.uri} does not hold the rows of its digest; {remedy}")
    return frame


def content_digest(frame: pd.DataFrame) -> str:
    """SHA-256 of names and values in order: Parquet's bytes depend on the version of its writer, these do not."""
    state = hashlib.sha256(json.dumps(list(frame.columns)).encode())
    for row in zip(*(frame[column].tolist() for column in frame.columns), strict=True):
        state.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return state.hexdigest()
