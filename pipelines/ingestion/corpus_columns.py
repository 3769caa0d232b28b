"""The columns of a corpus: those of messages with their origin and validation split, as a snapshot has them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipelines.catalog.spec import Source
from pipelines.ingestion.leakage_filter import SOURCE, Example
from pipelines.ingestion.message_columns import REPEATED, SCHEMA, column
from pipelines.ingestion.splits import validation_rows

_ORIGIN = pa.field("origin", REPEATED)


def with_origin(messages: pa.Table, origin: str = SOURCE) -> pa.Table:
    """The messages with the column `origin`."""
    indices = pa.array(np.zeros(len(messages), dtype=np.int32))
    return messages.append_column(
        _ORIGIN, pa.DictionaryArray.from_arrays(indices, pa.array([origin], pa.large_string()))
    )


def example_columns(examples: Sequence[Example]) -> pa.Table:
    """Examples in the columns of messages, in the order of their keys; they have no line."""
    rows = [vars(example) | {"line": 0, "cut": False} for example in sorted(examples, key=lambda item: item.key)]
    return pa.Table.from_pylist(rows, schema=SCHEMA.append(_ORIGIN))


def corpus_columns(messages: pa.Table, source: Source) -> pa.Table:
    """The columns of a snapshot; channel and customer only if they are declared."""
    validation = pa.array(validation_rows(column(messages, "key")))
    names = ["key", "text", "label", "validation", "origin", "weight", *optional_columns(source)]
    table = messages.append_column("validation", validation).select(names)
    return table.cast(pa.schema([_plain(field) for field in table.schema]))


def _plain(field: pa.Field) -> pa.Field:
    return pa.field(field.name, pa.large_string()) if field.type == REPEATED else field


def optional_columns(source: Source) -> list[str]:
    """The columns of a corpus that depend on the declaration of its source."""
    return [name for name in ("channel", "customer") if getattr(source, name)]
