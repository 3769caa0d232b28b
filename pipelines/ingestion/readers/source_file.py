"""A file or object that can be opened more than once; gzip is decompressed on the way, in memory only."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from pipelines.ingestion.rows import UnusableSource
from pipelines.storage import blobs

_GZIP = b"\x1f\x8b"
_BLOCK = 2**20
# The first bytes of files that are no text, and the remedy.
_SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive: give a workbook the ending .xlsx, and unpack an archive first",
    b"\xd0\xcf\x11\xe0": "an old Excel file, or one with a password: save it as .xlsx without a password",
    b"PAR1": "a Parquet file: give it the ending .parquet",
    b"%PDF": "a PDF: save its messages as CSV",
    b"\x89PNG": "a picture: save its messages as CSV",
    b"\xff\xd8\xff": "a picture: save its messages as CSV",
    b"SQLite format 3\x00": "an SQLite database: export its table as CSV",
    b"BZh": "compressed with bzip2: unpack it first, or compress it with gzip",
    b"\xfd7zXZ\x00": "compressed with xz: unpack it first, or compress it with gzip",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: unpack it first, or compress it with gzip",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"Rar!": "a rar archive: unpack it first",
}
_WEB_PAGES = (b"<!doctype html", b"<html")


@dataclass(frozen=True)
class SourceFile:
    """The address of one file or object, without its part."""

    uri: str

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes as a stream. Raises FileNotFoundError, and UnusableSource for damaged gzip."""
        with blobs.open_stream(self.uri) as stream, _gzip_errors():
            if cast(io.BufferedReader, stream).peek(2)[:2] == _GZIP:
                unpacked = gzip.GzipFile(fileobj=stream)
                yield cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, unpacked), _BLOCK))
            else:
                yield stream

    def load(self, most: int) -> bytes:
        """All its bytes. Raises UnusableSource for more than `most`."""
        with self.open() as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise UnusableSource(
                f"it has over {most // 2**20} MiB, and this format is read as a whole; "
                "write the messages as JSON Lines, CSV or Parquet, which are read piece by piece"
            )
        return data


def require_text(head: bytes) -> None:
    """Raise UnusableSource if a file begins like one of another format."""
    for signature, advice in _SIGNATURES.items():
        if head.startswith(signature):
            raise UnusableSource(f"it is {advice}")
    if head.lstrip()[:20].lower().startswith(_WEB_PAGES):
        raise UnusableSource("it is a web page, perhaps of a sign-in; download the file itself")


@contextmanager
def _gzip_errors() -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UnusableSource("its gzip data is cut off or damaged; compress or copy it again") from None
