"""Which message goes where: sorted by the hash of what the customer wrote, before any mask, for ever."""

from collections import Counter
from dataclasses import dataclass

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion import joining
from pipelines.ingestion.quarantine import Entry
from pipelines.ingestion.reading import Messages, Reading, gather
from pipelines.ingestion.text import bucket

TEST = 0.2
VALIDATION = 0.1


@dataclass(frozen=True)
class Splits:
    """Unmasked messages by what they are for; held in memory only."""

    train: Messages
    test: Messages
    traffic: Messages
    bad: tuple[Entry, ...]
    counts: Counter[str]

    def holds_out(self, key: str) -> bool:
        """Whether a text with this digest is never learned from, seen or not."""
        return key in self.test or (bucket(key) < TEST and key not in self.train)


def pool(spec: ModelSpec) -> Splits:
    """Every message of a declared source in the pool that its hash, or the published split, gives it."""
    readings = _read(spec)
    whole, *published = [reading.messages for reading in readings]
    test = published[0] if published else {key: one for key, one in whole.items() if bucket(key) < TEST}
    rest = {key: one for key, one in whole.items() if key not in test}
    traffic = {key: one for key, one in rest.items() if TEST <= bucket(key) < TEST + spec.traffic}
    train = {key: one for key, one in rest.items() if key not in traffic}
    counts = sum((reading.counts for reading in readings), Counter[str]())
    counts["leaks"] = len(whole.keys() & test.keys()) if published else 0
    bad = tuple(entry for reading in readings for entry in reading.bad)
    return Splits(train, test, traffic, bad, counts)


def validates(key: str) -> bool:
    """Whether a train text is for validation: other digits of the hash, so that it is independent of the pools."""
    return bucket(key[8:]) < VALIDATION


def _read(spec: ModelSpec) -> list[Reading]:
    """The source and, where there is one, its published test split; labelled by file where they are declared so."""
    apart = spec.source.labels is not None
    source = spec.source.model_copy(update={"label": None}) if apart or spec.target.columns else spec.source
    readings = [gather(uri, source, None if apart else spec.target) for uri in (source.uri, source.test) if uri]
    return joining.label(readings, spec) if spec.source.labels else readings
