"""Reader of Parquet, batch by batch, only the required columns."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ingestion.rows import SourceRow, UnusableSource
from pipelines.masking.mask import mask


def rows(stream: BinaryIO, required: Collection[str] = ()) -> Iterator[SourceRow]:
    """Rows numbered from one; without `required` all columns are read. The stream must be seekable."""
    number = 0
    try:
        file = pq.ParquetFile(stream)
        names = [name for name in file.schema_arrow.names if not required or name in required]
        for batch in file.iter_batches(batch_size=1024, columns=names):
            columns = [_values(batch.column(name)) for name in names]
            for index in range(batch.num_rows):
                number += 1
                yield SourceRow(number, {name: column[index] for name, column in zip(names, columns, strict=True)})
    except (pa.ArrowException, OSError) as error:
        raise UnusableSource(f"found no readable Parquet file: {mask(str(error))}") from None


def _values(column: pa.Array) -> list[Any]:
    """Python values; strings are decoded one by one, because one bad string would fail the whole batch."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.large_binary())
        return [value if value is None else value.decode("utf-8", "surrogateescape") for value in column.to_pylist()]
    return list(column.to_pylist())
