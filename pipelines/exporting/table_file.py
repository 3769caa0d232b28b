"""A table in a file of CSV, JSONL or Parquet by its ending: complete or absent, and readable by its owner alone."""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from tempfile import mkstemp
from typing import Any, BinaryIO, Protocol

from pipelines.exporting.csv_cells import safe_cell

Columns = Mapping[str, type]  # the type of each column: bool, float, int or str
Row = Mapping[str, Any]
ENDINGS = (".csv", ".jsonl", ".parquet")
ROW_GROUP = 10_000  # rows of Parquet held in memory


class UnwritableTable(ValueError):
    """A path at which no table can be written."""


class TableWriter(Protocol):
    """Writes rows in one format; `close` writes what is held in memory."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows with exactly the declared columns."""

    def close(self) -> None:
        """Complete the table, without closing its stream."""


@contextmanager
def table_file(file: Path, columns: Columns) -> Iterator[TableWriter]:
    """A writer; the file appears under its name if the block ends without an error. Raises UnwritableTable."""
    require_table_path(file)
    descriptor, name = mkstemp(prefix=f".{file.name}.", suffix=".tmp", dir=file.parent)  # with the mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            writer = _writer(file, stream, columns)
            try:
                yield writer
            except BaseException:
                with suppress(Exception):  # the first error is the one to report
                    writer.close()
                raise
            writer.close()
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def require_table_path(file: Path, source: str = "") -> None:
    """Raise UnwritableTable for an unknown ending, a missing folder, a folder, or the `source` itself."""
    if file.suffix.lower() not in ENDINGS:
        raise UnwritableTable(f"{file.name}: its ending is unknown; use one of {', '.join(ENDINGS)}")
    if not file.parent.is_dir():
        raise UnwritableTable(f"the folder {file.parent} does not exist: make it first, or name another")
    if file.is_dir():
        raise UnwritableTable(f"{file} is a folder: name a file")
    if file.exists() and source and Path(source).exists() and file.samefile(source):
        raise UnwritableTable(f"{file} is the file that is read: name another one")


def _writer(file: Path, stream: BinaryIO, columns: Columns) -> TableWriter:
    if file.suffix.lower() == ".parquet":
        return _Parquet(stream, columns)
    return _Csv(stream, columns) if file.suffix.lower() == ".csv" else _Jsonl(stream)


class _Csv:
    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        self._stream, self._columns = stream, list(columns)
        stream.write(self._encoded([dict(zip(columns, columns, strict=True))]))

    def write(self, rows: Sequence[Row]) -> None:
        self._stream.write(self._encoded({name: safe_cell(value) for name, value in row.items()} for row in rows))

    def close(self) -> None:
        pass

    def _encoded(self, rows: Iterable[Row]) -> bytes:
        text = StringIO(newline="")
        csv.DictWriter(text, self._columns, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()


class _Jsonl:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, rows: Sequence[Row]) -> None:
        self._stream.write("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode())

    def close(self) -> None:
        pass


class _Parquet:
    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {bool: pa.bool_(), float: pa.float64(), int: pa.int64(), str: pa.string()}
        self._schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
        self._file = pq.ParquetWriter(stream, self._schema)
        self._waiting: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        self._waiting += rows
        if len(self._waiting) >= ROW_GROUP:
            self._write_group()

    def close(self) -> None:
        self._write_group()
        self._file.close()

    def _write_group(self) -> None:
        import pyarrow as pa

        group, self._waiting = self._waiting, []
        if group:
            self._file.write_table(pa.Table.from_pylist(group, self._schema))
