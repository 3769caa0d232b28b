"""A source of any size: BANKING77's questions, each with random words at its end, so that no two are equal."""

import csv
import random
from collections.abc import Iterable
from pathlib import Path

from pipelines.bench.data import NoData
from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.text import digest, normalise

WORDS, VOCABULARY = 4, 1_000  # appended to each text, and different ones
Rows = list[tuple[str, str]]


def questions(data: Path | None, part: str = "train") -> Rows:
    """Texts and labels of BANKING77. Raises NoData."""
    file = (data or Path()) / "banking77" / f"{part}.csv"
    if data is None or not file.is_file():
        raise NoData(f"reading needs --data FOLDER, a folder with banking77/{part}.csv")
    with file.open(encoding="utf-8", newline="") as stream:
        return [(row["text"], row["category"]) for row in csv.DictReader(stream)]


def lengthened(base: Rows, rows: int, seed: int = 1) -> Rows:
    """So many rows of the base, in turns, each with random words; the first rows of a longer list are the same."""
    chance, words = random.Random(seed), _vocabulary()  # noqa: S311
    texts = (base[row % len(base)] for row in range(rows))
    return [(f"{text} {' '.join(chance.choices(words, k=WORDS))}", label) for text, label in texts]


def write(rows: Rows, file: Path) -> Path:
    """A CSV of texts and labels."""
    return _write(file, ("text", "label"), rows)


def write_label_file(rows: Rows, file: Path) -> Path:
    """A CSV of hashes and labels, as labels in a file of their own are joined."""
    return _write(file, ("hash", "label"), ((digest(normalise(text)), label) for text, label in rows))


def declaration(file: Path, labels: list[str], label_file: Path | None = None) -> ModelSpec:
    """A model that reads such a file."""
    label = None if label_file else "label"
    source = Source(uri=str(file), text="text", label=label, labels=str(label_file) if label_file else None)
    gate = Gate(min_macro_f1=0.5, min_accuracy=0.5, margin=0.05, min_gain_over_baseline=0.0)
    return ModelSpec.model_validate({"name": "banking", "labels": labels, "source": source, "gate": gate})


def _vocabulary() -> list[str]:
    chance, words = random.Random(0), set[str]()  # noqa: S311
    while len(words) < VOCABULARY:
        syllables = (chance.choice("bcdfghklmnprstvw") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))
        words.add("".join(syllables))
    return sorted(words)


def _write(file: Path, header: tuple[str, str], rows: Iterable[tuple[str, str]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return file
