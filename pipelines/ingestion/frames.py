"""Frames: runs of words that many messages share around different contents, such as a greeting, a form or a footer.

A run of eight words is part of a frame if at least eight messages hold it (in small corpora one in a hundred, at least
four) and as many different contents are left beside all such runs. No run of eight words occurs in more than five of
the 14,181 different airline messages, and a single one in eight of the 9,971 questions of BANKING77.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.ingestion.text_column import TextColumn, text_column
from pipelines.ingestion.text_hashes import Codes, Hashes, Places, codes, mixed, windows
from pipelines.ingestion.token_runs import WORD, Counts, Flags, runs, text_weights, with_numbers, without

SAMPLE = 20_000  # distinct texts that frames are searched in; of more texts those with the smallest hashes
MIN_MESSAGES, SHARE, MIN_MESSAGES_SMALL = 8, 0.01, 4
MIN_RELATIVE = 0.5  # to the most frequent run that overlaps a run
MIN_CONTENT = 3 * WORD  # of a message that proves a frame
CONTENT_SHINGLE = 5

_DIGITS = re.compile(r"\d+ ?")
_LETTER = re.compile("[^\\W\\d_]|[\U0001f000-\U0001faff\u2600-\u27bf]")


@dataclass(frozen=True)
class Parts:
    """A text without frames, and its frames; without a letter beside them the whole text is content."""

    content: str
    frame: str = ""


class Frames:
    """The frames of a corpus: the hashes of their runs in order, and in how many messages each run occurs."""

    def __init__(self, hashes: Hashes, counts: Counts) -> None:
        self._hashes, self._counts = hashes, counts

    def __len__(self) -> int:
        return len(self._hashes)

    def split(self, texts: Sequence[str]) -> list[Parts]:
        """Content and frame of each text of a batch."""
        if not len(self) or not texts:
            return [Parts(text) for text in texts]
        batch = codes(texts)
        covered = self._cover(batch)
        contents, frames = without(batch, covered), without(batch, ~covered)
        return [_parts(*strings) for strings in zip(texts, contents, frames, strict=True)]

    def _cover(self, batch: Codes) -> Flags:
        """The characters of frames. A run that reaches into a content is rarer than its neighbours, and no frame."""
        found = runs(batch)
        places = np.minimum(np.searchsorted(self._hashes, found.hashes), len(self) - 1)
        counts = np.where(self._hashes[places] == found.hashes, self._counts[places], 0)
        chosen = (counts > 0) & (counts >= MIN_RELATIVE * found.overlapping(counts))
        return with_numbers(batch, found.cover(chosen, len(batch.characters)))


def find_frames(texts: TextColumn, scale: float = 1.0) -> Frames:
    """The frames of these texts, whatever their order; `scale` multiplies the number of messages that proves one."""
    sample = _sample(texts)
    min_messages = scale * max(MIN_MESSAGES_SMALL, min(MIN_MESSAGES, int(len(sample) * SHARE)))
    places, hashes = _occurrences(sample)
    frequent, counts = _frequent(hashes, min_messages)
    if not len(frequent):
        return Frames(frequent, counts)
    contents = _content_hashes(sample, Frames(frequent, counts))[places]
    proving = np.isin(hashes, frequent) & (contents > 0)
    once = _distinct(hashes[proving], contents[proving])
    proven, _ = _frequent(hashes[proving][once], min_messages)
    return Frames(proven, counts[np.searchsorted(frequent, proven)])


def _sample(texts: TextColumn) -> TextColumn:
    """At most SAMPLE distinct texts, those with the smallest hashes."""
    _, places = np.unique(texts.hashes(), return_index=True)
    return text_column(texts.take(places[:SAMPLE]))


def _occurrences(texts: TextColumn) -> tuple[Places, Hashes]:
    """Each run of each text once: the place of the text and the run's hash."""
    places, hashes = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.uint64)]
    for first, batch in zip(texts.bounds, texts.batches(), strict=False):
        found = runs(codes(batch))
        once = _distinct(found.hashes, found.text.astype(np.uint64))
        places.append(found.text[once] + first)
        hashes.append(found.hashes[once])
    return np.concatenate(places), np.concatenate(hashes)


def _distinct(hashes: Hashes, others: Hashes) -> Places:
    """The place of one of each different pair."""
    places: Places = np.unique(mixed(hashes + mixed(others)), return_index=True)[1]
    return places


def _frequent(hashes: Hashes, min_count: float) -> tuple[Hashes, Counts]:
    """The hashes that occur so often, in order, and their counts."""
    values, counts = np.unique(hashes, return_counts=True)
    return values[counts >= min_count], counts[counts >= min_count]


def _content_hashes(texts: TextColumn, frames: Frames) -> Hashes:
    """The smallest shingle hash of the content of each text; 0 without a frame and for contents of one or two words.

    Numbers prove no other content: "your order 7 has left our house ..." is one message, whatever the order.
    Contents that are nearly the same have the same smallest hash as often as they are similar (Broder, 1997).
    """
    found = [np.empty(0, dtype=np.uint64)]
    for batch in filter(None, texts.batches()):
        contents = codes([_DIGITS.sub("", parts.content) if parts.frame else "" for parts in frames.split(batch)])
        hashes, bounds = windows(contents, CONTENT_SHINGLE)
        smallest = np.minimum.reduceat(hashes, bounds[:-1])
        found.append(np.where(text_weights(contents) >= MIN_CONTENT, smallest, 0))
    return np.concatenate(found)


def _parts(text: str, content: str, frame: str) -> Parts:
    return Parts(content, frame) if frame and _LETTER.search(content) else Parts(text)
