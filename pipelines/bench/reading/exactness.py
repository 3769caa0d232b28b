"""Recall and precision of MinHash against the exact join, and the cost of frames in rows."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.bench.part import BenchMeasure
from pipelines.bench.reading.generated_source import Rows, lengthened, questions
from pipelines.ingestion.duplicate_rows import LEAKS, STAYS, Fates, approximate_fates, exact_fates
from pipelines.ingestion.splits import TEST
from pipelines.ingestion.text import bucket, digest, normalise

ROWS = 20_000
EVERY = 10  # every tenth text is there once more, with a change
FRAME = (
    "Dear customer service team of the shop, I hope that this message finds you well. {} Kind regards, sent with the "
    "contact form of shop.example. This message is confidential and intended only for the person to whom it is "
    "addressed. If you have received it by mistake please delete it and tell the sender."
)


def exactness(data: Path | None, rows: int = ROWS) -> Iterator[BenchMeasure]:
    """Recall and precision against the exact join, and lost and leaked rows of framed texts."""
    yield from _against_exact_join(lengthened(questions(data), rows))
    yield from _frames(questions(data), questions(data, "test"))


def _against_exact_join(rows: Rows) -> Iterator[BenchMeasure]:
    by_key = sorted((digest(normalise(text)), text, label) for text, label in rows)
    held_out = [text for key, text, _ in by_key if bucket(key) < TEST]
    texts, labels = zip(*[row[1:] for row in by_key if bucket(row[0]) >= TEST], strict=True)
    exact, approximate = (method(held_out, texts, labels) != STAYS for method in (exact_fates, approximate_fates))
    both, name = int((exact & approximate).sum()), f"{len(rows):,} rows"
    yield BenchMeasure("exactness", name, "recall against the exact join", both / max(1, int(exact.sum())))
    yield BenchMeasure("exactness", name, "precision against the exact join", both / max(1, int(approximate.sum())))


def _frames(train: Rows, test: Rows) -> Iterator[BenchMeasure]:
    for name, frame in (("without a frame", "{}"), ("in a mail's frame", FRAME)):
        fates = _fates_in(frame, train, test)
        own, planted, leaks = np.split(fates, [len(train), len(train) + len(train[::EVERY])])
        lost, kept = int((own != STAYS).sum()), int((planted == STAYS).sum())
        yield BenchMeasure("frames", name, "own rows left out", lost, note=f"of {len(own):,}")
        yield BenchMeasure("frames", name, "planted near duplicates that stay", kept, note=f"of {len(planted):,}")
        leaked = int((leaks != LEAKS).sum())
        yield BenchMeasure("frames", name, "planted leaks that stay", leaked, note=f"of {len(leaks):,}")


def _fates_in(frame: str, train: Rows, test: Rows) -> Fates:
    planted = [(_changed(text, number), label) for number, (text, label) in enumerate(train[::EVERY])]
    leaks = [(_changed(text, number), label) for number, (text, label) in enumerate(test[::EVERY])]
    rows = [*train, *planted, *leaks]
    return approximate_fates(
        [frame.format(text) for text, _ in test], [frame.format(text) for text, _ in rows], [label for _, label in rows]
    )


def _changed(text: str, number: int) -> str:
    """The text with marks, in capitals, without a letter, or with a word more."""
    place = random.Random(number).randrange(len(text))  # noqa: S311
    return (f"{text}!!", text.upper(), text[:place] + text[place + 1 :], f"{text} please")[number % 4]
