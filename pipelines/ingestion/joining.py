"""Labels in a separate CSV `hash,label`, joined by the digest of the normalised raw text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import records
from pipelines.ingestion.message_columns import column, is_in, rows_where
from pipelines.ingestion.reading import Reading
from pipelines.ingestion.records import Note, Record
from pipelines.ingestion.row_report import NOT_IN_LABEL_FILE

_BATCH = 2**13


class BrokenLabels(ValueError):
    """A label file that does not fit its messages."""


def join_labels(readings: Sequence[Reading], spec: ModelSpec) -> list[Reading]:
    """The readings with the labels of `spec.source.labels`; messages without a label are left out and counted."""
    labels = _read_labels(str(spec.source.labels), spec)
    _require_all(labels, readings, spec)
    return [_join(reading, labels) for reading in readings]


def _read_labels(file: str, spec: ModelSpec) -> pa.Table:
    """Hashes and labels. Raises BrokenLabels for an unusable row or an undeclared label."""
    cells = _cells(file, spec)
    schema = pa.schema({"key": pa.large_string(), "label": pa.large_string()})
    batches = []
    while batch := [cell for _, cell in zip(range(_BATCH), cells, strict=False)]:
        keys, labels = zip(*batch, strict=True)
        batches.append(pa.record_batch([pa.array(keys, schema.types[0]), pa.array(labels, schema.types[1])], schema))
    return pa.Table.from_batches(batches, schema).combine_chunks()


def _cells(file: str, spec: ModelSpec) -> Iterator[tuple[str, str]]:
    known: dict[object, str | None] = {}
    for row in records.read(file, Source(uri=file, text="hash", label="label", id="hash")):
        if isinstance(row, Note):
            continue
        if not isinstance(row, Record):
            raise BrokenLabels(f"{file}, line {row.line}: {row.reason}; expected the columns 'hash' and 'label'")
        if row.label not in known:
            known[row.label] = spec.target.read(row.label)
        cell = known[row.label]
        if cell is None:
            raise BrokenLabels(f"{file}, line {row.line}: {row.label!r} is none of {spec.target.expected}")
        yield row.text.strip(), cell


def _require_all(labels: pa.Table, readings: Sequence[Reading], spec: ModelSpec) -> None:
    """Raises BrokenLabels if a hash matches no message: these are not the texts that were labelled."""
    keys = pa.concat_arrays([column(reading.messages, "key") for reading in readings])
    joined = is_in(column(labels, "key"), keys)
    if missing := sorted(labels["key"].filter(pa.array(~joined)).to_pylist()):
        raise BrokenLabels(
            f"{len(missing)} of {len(labels)} hashes in {spec.source.labels} join no message of {spec.source.uri}, "
            f"the first is {missing[0]}; a hash is the SHA-256 of the normalised, casefolded text"
        )


def _join(reading: Reading, labels: pa.Table) -> Reading:
    places = pc.index_in(column(reading.messages, "key"), value_set=column(labels, "key"))
    messages = rows_where(reading.messages, places.is_valid().to_numpy(zero_copy_only=False))
    cells = column(labels, "label").take(places.drop_null()).dictionary_encode()
    messages = messages.set_column(messages.column_names.index("label"), "label", cells)
    outside = Counter({NOT_IN_LABEL_FILE: len(reading.messages) - len(messages)})
    return replace(reading, messages=messages, left_out=reading.left_out + outside)
