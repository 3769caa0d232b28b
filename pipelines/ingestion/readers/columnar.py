"""Reader of Parquet, batch by batch, only the required columns."""

import io
from collections.abc import Collection, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ingestion.readers.column_names import distinct
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.whole_numbers import whole_number
from pipelines.ingestion.rows import SourceRow, UnusableSource
from pipelines.masking.mask import mask


def rows(file: SourceFile, required: Collection[str] = ()) -> Iterator[SourceRow]:
    """Rows numbered from one; all columns are read without `required`, and if one of them is missing."""
    number = 0
    try:
        with file.open() as stream:
            # Parquet is read from its end: an S3 object is held in memory, never on disk.
            table = pq.ParquetFile(stream if stream.seekable() else io.BytesIO(stream.read()))
            names = _columns(distinct(table.schema_arrow.names, required), required)
            for batch in table.iter_batches(batch_size=1024, columns=names):
                columns = [_values(batch.column(name)) for name in names]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield SourceRow(number, dict(zip(names, values, strict=True)))
    except (pa.ArrowException, OSError) as error:
        raise UnusableSource(f"found no readable Parquet file: {mask(str(error))}") from None


def _columns(present: list[str], required: Collection[str]) -> list[str]:
    """The columns with the required names or with the values at their paths."""
    needed = {name if name in present else name.partition(".")[0] for name in required}
    names = [name for name in present if name in needed]
    return names if required and len(names) == len(needed) else present


def _values(column: pa.Array) -> list[Any]:
    """Python values; strings are decoded one by one, because one bad string would fail the whole batch."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.large_binary())
        return [value if value is None else value.decode("utf-8", "surrogateescape") for value in column.to_pylist()]
    if pa.types.is_floating(column.type):  # integers with missing values, as pandas writes them
        return [value if value is None else whole_number(value) for value in column.to_pylist()]
    return list(column.to_pylist())
