"""Train, test, validation and traffic splits, by the hash of the unmasked text: the same for ever."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion import joining
from pipelines.ingestion.message_columns import Keys, column, hash_values, is_in, rows_where
from pipelines.ingestion.quarantine import Entry
from pipelines.ingestion.reading import Reading, gather, masker_of
from pipelines.ingestion.records import Record
from pipelines.ingestion.row_report import PUBLISHED
from pipelines.ingestion.text import bucket

TEST = 0.2
VALIDATION = 0.1


@dataclass(frozen=True)
class Splits:
    """Messages in columns by their purpose, each in the order of keys."""

    train: pa.Table
    test: pa.Table
    traffic: pa.Table
    quarantined: tuple[Entry, ...]
    read: int
    left_out: Counter[str]
    notes: tuple[str, ...]

    def holds_out(self, key: str) -> bool:
        """True if a text with this digest must not be learned from, even if it has not been seen."""
        return key in self._test_keys or (bucket(key) < TEST and key not in self.train_keys)

    @cached_property
    def train_keys(self) -> Keys:
        """The digests of the messages to learn from."""
        return Keys(column(self.train, "key"))

    @cached_property
    def _test_keys(self) -> Keys:
        return Keys(column(self.test, "key"))


def split_source(spec: ModelSpec, key: bytes = b"", *, with_originals: bool = False) -> Splits:
    """Every message of a declared source, in the split of its hash or of the published test set.

    With a `key` customers are keyed hashes; the `original` texts are unmasked, and never written.
    """
    readings = _read(spec, key, with_originals=with_originals)
    messages, *published = [reading.messages for reading in readings]
    place = hash_values(column(messages, "key"), 0)
    tested = is_in(column(messages, "key"), column(published[0], "key")) if published else place < TEST
    traffic = ~tested & (place >= TEST) & (place < TEST + spec.replay_share)
    left_out = sum((reading.left_out for reading in readings), Counter[str]())
    left_out[PUBLISHED] = int(tested.sum()) if published else 0
    return Splits(
        rows_where(messages, ~tested & ~traffic),
        published[0] if published else rows_where(messages, tested),
        rows_where(messages, traffic),
        tuple(entry for reading in readings for entry in reading.quarantined),
        sum(reading.read for reading in readings),
        left_out,
        tuple(dict.fromkeys(note for reading in readings for note in reading.notes)),
    )


def unmasked_records(messages: pa.Table) -> list[Record]:
    """The messages as they were written, normalised, in the order of keys; they need the `original` texts."""
    columns = (messages[name].to_pylist() for name in ("line", "original", "label", "weight"))
    return [Record(line, text, label, weight=weight) for line, text, label, weight in zip(*columns, strict=True)]


def in_validation(key: str) -> bool:
    """True if a train text is for validation, by other digits of the hash than those of the test split."""
    return bucket(key[8:]) < VALIDATION


def validation_rows(keys: pa.Array) -> NDArray[np.bool_]:
    """`in_validation` of each key."""
    return hash_values(keys, 8) < VALIDATION


def _read(spec: ModelSpec, key: bytes, *, with_originals: bool) -> list[Reading]:
    """The source and its published test split, if there is one; labels come from a file if they are declared so."""
    labels_in_file = spec.source.labels is not None
    source = spec.source.model_copy(update={"label": None}) if labels_in_file or spec.target.columns else spec.source
    target = None if labels_in_file else spec.target
    masker = masker_of(source, spec.recipe.truncation, with_originals=with_originals)
    readings = [gather(uri, source, target, masker, key) for uri in (source.uri, source.test) if uri]
    return joining.join_labels(readings, spec) if spec.source.labels else readings
