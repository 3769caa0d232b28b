"""Messages in columns: a third of the memory of objects, and masked, unless the originals are asked for."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.ingestion.records import Record
from pipelines.ingestion.text_masking import MaskedTexts
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask

_TEXT = pa.large_string()
REPEATED = pa.dictionary(pa.int32(), _TEXT)  # few different values in many rows
SCHEMA = pa.schema(
    {
        **{"key": _TEXT, "text": _TEXT, "label": REPEATED, "line": pa.int64(), "cut": pa.bool_()},
        **{"weight": pa.float64(), "channel": REPEATED, "customer": REPEATED},
    }
)
WITH_ORIGINALS = SCHEMA.append(pa.field("original", _TEXT))
_BATCH = 2**13


def columns(records: Sequence[Record], masked: MaskedTexts, key: bytes = b"") -> pa.Table:
    """The columns of some records and their masked texts; with a `key`, their customers as keyed hashes."""
    values = {
        "key": masked.keys,
        "text": masked.texts,
        "label": [record.label if isinstance(record.label, str) else "" for record in records],
        "line": [record.line for record in records],
        "cut": masked.cut,
        "weight": [record.weight for record in records],
        "channel": [mask(record.channel) if record.channel else "" for record in records],
        "customer": [customer_hash(record.customer, key) if record.customer and key else "" for record in records],
    }
    if masked.originals is None:
        return pa.table(values, schema=SCHEMA)
    return pa.table({**values, "original": masked.originals}, schema=WITH_ORIGINALS)


def select(table: pa.Table, rows: NDArray[np.int64]) -> pa.Table:
    """Some rows in this order, each column in one piece."""
    places = pa.array(rows)
    return pa.table({name: _in_one_piece(table[name]).take(places) for name in table.column_names}, table.schema)


def rows_where(table: pa.Table, chosen: NDArray[np.bool_]) -> pa.Table:
    """The rows of a mask."""
    return select(table, np.flatnonzero(chosen))


def hash_values(keys: pa.Array, first: int) -> NDArray[np.float64]:
    """The position in [0, 1) of each digest by its eight digits from `first` on, as `text.bucket` has it."""
    digits = pc.utf8_slice_codeunits(keys, first, first + 8)
    joined = bytes.fromhex("".join(digits.to_pylist()))
    return np.frombuffer(joined, dtype=">u4").astype(np.float64) / 2**32


def is_in(keys: pa.Array, others: pa.Array) -> NDArray[np.bool_]:
    """True for each key that is one of the others."""
    found: NDArray[np.bool_] = pc.is_in(keys, value_set=others).to_numpy(zero_copy_only=False)
    return found


@dataclass(frozen=True)
class Keys:
    """Keys in their order, which a key is looked up in."""

    keys: pa.LargeStringArray

    def __contains__(self, key: str) -> bool:
        place = bisect_left(range(len(self.keys)), key, key=lambda place: self.keys[place].as_py())
        return place < len(self.keys) and self.keys[place].as_py() == key


@dataclass(frozen=True)
class Texts:
    """The texts of some columns one after the other; as strings only while they are visited."""

    columns: tuple[pa.LargeStringArray, ...]

    def __len__(self) -> int:
        return sum(map(len, self.columns))

    def __contains__(self, text: object) -> bool:
        return any(text == other for other in self)

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(
            column.slice(start, _BATCH).to_pylist()
            for column in self.columns
            for start in range(0, len(column), _BATCH)
        )


def column(table: pa.Table, name: str) -> pa.Array:
    """One column of a table in one piece."""
    return _in_one_piece(table[name])


def _in_one_piece(values: pa.ChunkedArray) -> pa.Array:
    chunks = [chunk for chunk in values.chunks if len(chunk)]
    if len(chunks) == 1:
        return chunks[0]
    return pa.concat_arrays(chunks) if chunks else pa.array([], type=values.type)
