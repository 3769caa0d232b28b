"""Labels that live apart from their texts: a CSV `hash,label`, joined by the digest of the normalised raw text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion import records
from pipelines.ingestion.reading import Reading
from pipelines.ingestion.records import Record


class BrokenLabels(ValueError):
    """A file of labels that does not fit its messages."""


def label(readings: Sequence[Reading], spec: ModelSpec) -> list[Reading]:
    """The readings with the labels of `spec.source.labels`; messages without one are left out and counted."""
    labels = _given(str(spec.source.labels), spec)
    _require_all(labels, readings, spec)
    return [_joined(reading, labels) for reading in readings]


def _given(file: str, spec: ModelSpec) -> dict[str, str]:
    """Labels by hash; a row that cannot be used, a hash that comes twice or an undeclared label is an error."""
    labels: dict[str, str] = {}
    for row in records.read(file, Source(uri=file, text="hash", label="label", id="hash")):
        if not isinstance(row, Record):
            raise BrokenLabels(f"{file}, line {row.line}: {row.reason}; expected the columns 'hash' and 'label'")
        cell = spec.target.read(row.label)
        if cell is None:
            raise BrokenLabels(f"{file}, line {row.line}: {row.label!r} is none of {spec.target.expected}")
        labels[row.text.strip()] = cell
    return labels


def _require_all(labels: Mapping[str, str], readings: Sequence[Reading], spec: ModelSpec) -> None:
    """A hash that joins no message says that these are not the texts that were labelled."""
    known = {key for reading in readings for key in reading.messages}
    if missing := sorted(labels.keys() - known):
        raise BrokenLabels(
            f"{len(missing)} of {len(labels)} hashes in {spec.source.labels} join no message of {spec.source.uri}, "
            f"the first is {missing[0]}; a hash is the SHA-256 of the normalised, casefolded text"
        )


def _joined(reading: Reading, labels: Mapping[str, str]) -> Reading:
    messages = {key: replace(one, label=labels[key]) for key, one in reading.messages.items() if key in labels}
    left_out = Counter({"unlabelled": len(reading.messages) - len(messages)})
    return replace(reading, messages=messages, counts=reading.counts + left_out)
