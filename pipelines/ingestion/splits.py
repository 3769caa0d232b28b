"""Train, test, validation and traffic splits, by the hash of the unmasked text: the same for ever."""

from collections import Counter
from dataclasses import dataclass

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion import joining
from pipelines.ingestion.quarantine import Entry
from pipelines.ingestion.reading import Messages, Reading, gather
from pipelines.ingestion.row_report import PUBLISHED
from pipelines.ingestion.text import bucket

TEST = 0.2
VALIDATION = 0.1


@dataclass(frozen=True)
class Splits:
    """Unmasked messages by their purpose; held in memory only."""

    train: Messages
    test: Messages
    traffic: Messages
    quarantined: tuple[Entry, ...]
    read: int
    left_out: Counter[str]
    notes: tuple[str, ...]

    def holds_out(self, key: str) -> bool:
        """True if a text with this digest must not be learned from, even if it has not been seen."""
        return key in self.test or (bucket(key) < TEST and key not in self.train)


def split_source(spec: ModelSpec) -> Splits:
    """Every message of a declared source, in the split of its hash or of the published test set."""
    readings = _read(spec)
    messages, *published = [reading.messages for reading in readings]
    test = published[0] if published else {key: message for key, message in messages.items() if bucket(key) < TEST}
    rest = {key: message for key, message in messages.items() if key not in test}
    traffic = {key: message for key, message in rest.items() if TEST <= bucket(key) < TEST + spec.replay_share}
    train = {key: message for key, message in rest.items() if key not in traffic}
    left_out = sum((reading.left_out for reading in readings), Counter[str]())
    left_out[PUBLISHED] = len(messages.keys() & test.keys()) if published else 0
    quarantined = tuple(entry for reading in readings for entry in reading.quarantined)
    notes = tuple(dict.fromkeys(note for reading in readings for note in reading.notes))
    return Splits(train, test, traffic, quarantined, sum(reading.read for reading in readings), left_out, notes)


def in_validation(key: str) -> bool:
    """True if a train text is for validation, by other digits of the hash than those of the test split."""
    return bucket(key[8:]) < VALIDATION


def _read(spec: ModelSpec) -> list[Reading]:
    """The source and its published test split, if there is one; labels come from a file if they are declared so."""
    labels_in_file = spec.source.labels is not None
    source = spec.source.model_copy(update={"label": None}) if labels_in_file or spec.target.columns else spec.source
    readings = [
        gather(uri, source, None if labels_in_file else spec.target) for uri in (source.uri, source.test) if uri
    ]
    return joining.join_labels(readings, spec) if spec.source.labels else readings
