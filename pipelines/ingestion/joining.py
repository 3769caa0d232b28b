"""Labels in a separate CSV `hash,label`, joined by the digest of the normalised raw text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import records
from pipelines.ingestion.reading import Reading
from pipelines.ingestion.records import Note, Record
from pipelines.ingestion.row_report import NOT_IN_LABEL_FILE


class BrokenLabels(ValueError):
    """A label file that does not fit its messages."""


def join_labels(readings: Sequence[Reading], spec: ModelSpec) -> list[Reading]:
    """The readings with the labels of `spec.source.labels`; messages without a label are left out and counted."""
    labels = _read_labels(str(spec.source.labels), spec)
    _require_all(labels, readings, spec)
    return [_join(reading, labels) for reading in readings]


def _read_labels(file: str, spec: ModelSpec) -> dict[str, str]:
    """Labels by hash. Raises BrokenLabels for an unusable row or an undeclared label."""
    labels: dict[str, str] = {}
    for row in records.read(file, Source(uri=file, text="hash", label="label", id="hash")):
        if isinstance(row, Note):
            continue
        if not isinstance(row, Record):
            raise BrokenLabels(f"{file}, line {row.line}: {row.reason}; expected the columns 'hash' and 'label'")
        cell = spec.target.read(row.label)
        if cell is None:
            raise BrokenLabels(f"{file}, line {row.line}: {row.label!r} is none of {spec.target.expected}")
        labels[row.text.strip()] = cell
    return labels


def _require_all(labels: Mapping[str, str], readings: Sequence[Reading], spec: ModelSpec) -> None:
    """Raises BrokenLabels if a hash matches no message: these are not the texts that were labelled."""
    keys = {key for reading in readings for key in reading.messages}
    if missing := sorted(labels.keys() - keys):
        raise BrokenLabels(
            f"{len(missing)} of {len(labels)} hashes in {spec.source.labels} join no message of {spec.source.uri}, "
            f"the first is {missing[0]}; a hash is the SHA-256 of the normalised, casefolded text"
        )


def _join(reading: Reading, labels: Mapping[str, str]) -> Reading:
    messages = {key: replace(message, label=labels[key]) for key, message in reading.messages.items() if key in labels}
    outside = Counter({NOT_IN_LABEL_FILE: len(reading.messages) - len(messages)})
    return replace(reading, messages=messages, left_out=reading.left_out + outside)
