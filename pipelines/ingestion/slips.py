"""Short texts with one slipped letter, found by the hashes of a text without each of its letters."""

from collections.abc import Iterator

import numpy as np

from pipelines.ingestion.spelling import may_slip, never_slips
from pipelines.ingestion.text_column import TextColumn
from pipelines.ingestion.text_hashes import Codes, Hashes, Places, coded, codes, mixed

MAX_KEYS = 2**21  # keys that are compared at once: 100 MB with the order of their sorting


def slip_keys(texts: TextColumn) -> Iterator[tuple[Hashes, Places]]:
    """In parts of about MAX_KEYS: keys, and the row of each. Two rows share a key if at most one letter slipped."""
    short = np.array([place for place, text in _enumerate(texts) if may_slip(text)], dtype=np.int64)
    chosen = texts.select(short)
    parts = 1 + int(chosen.lengths().sum()) // MAX_KEYS
    for part in range(parts):
        keys, rows = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int64)]
        for first, batch in zip(chosen.bounds, chosen.batches(), strict=False):
            batch_keys, batch_rows = _keys(batch)
            inside = batch_keys % np.uint64(parts) == part
            keys.append(batch_keys[inside])
            rows.append(short[batch_rows[inside] + first])
        yield np.concatenate(keys), np.concatenate(rows)


def _enumerate(texts: TextColumn) -> Iterator[tuple[int, str]]:
    place = 0
    for batch in texts.batches():
        for text in batch:
            yield place, text
            place += 1


def _keys(texts: list[str]) -> tuple[Hashes, Places]:
    """The hash of each text, and of each text without one of its characters; equal neighbours give one hash."""
    batch = codes(texts)
    rows = np.arange(len(texts)).repeat(np.diff(batch.bounds))
    places = np.arange(len(batch.characters))
    starts, ends = batch.bounds[:-1][rows], batch.bounds[1:][rows]
    repeated = np.zeros(len(places), dtype=np.bool_)
    repeated[1:] = (batch.characters[1:] == batch.characters[:-1]) & (rows[1:] == rows[:-1])
    without = batch.hashes_without(starts, places, ends)[~repeated]
    fixed = mixed(_fixed(batch).whole_hashes())
    all_rows = np.concatenate([np.arange(len(texts)), rows[~repeated]])
    return mixed(np.concatenate([batch.whole_hashes(), without]) + fixed[all_rows]), all_rows


def _fixed(batch: Codes) -> Codes:
    """The characters that never slip, text after text."""
    values, places = np.unique(batch.characters, return_inverse=True)
    fixed = np.array([bool(never_slips(chr(value))) for value in values.tolist()], dtype=np.bool_)[places]
    return coded(batch.characters[fixed], np.concatenate([[0], np.cumsum(fixed)])[batch.bounds])
