"""The data sets of the benchmark, each split into train, validation and test."""

import csv
import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyarrow as pa

from pipelines.bench.split import Split, Triples, rows, split_by_hash, split_validation
from pipelines.catalog.built_in import BUILT_IN, INTENTS
from pipelines.catalog.catalog_file import find
from pipelines.catalog.spec import Source
from pipelines.ingestion import sources
from pipelines.ingestion.airline import airline_file
from pipelines.ingestion.records import Record, read
from pipelines.ingestion.splits import split_source, unmasked_records

AIRLINE = Source(uri=sources.AIRLINE, label="sentiment", confidence="confidence")


class NoData(LookupError):
    """A data set is not in the folder, or no folder was given."""


def banking77(folder: Path) -> Split:
    """77 intents of bank customers, test as published (Casanueva et al., 2020)."""
    train, test = (_csv(folder / f"{name}.csv", "text", "category") for name in ("train", "test"))
    return split_validation(rows(train), rows(test))


def clinc150(folder: Path) -> Split:
    """150 intents and out-of-scope messages, as published (Larson et al., 2019)."""
    data = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    names = ("train", "val", "test", "oos_val", "oos_test")
    train, validation, test, *outside = (rows((*pair, 1.0) for pair in data[name]) for name in names)
    return Split(train, validation, test, (outside[0].texts, outside[1].texts))


def sst2(folder: Path) -> Split:
    """Whole sentences of film reviews, as published (Socher et al., 2013)."""
    train, validation, test = (rows(_tsv(folder / f"{name}.tsv")) for name in ("train", "dev", "test"))
    return Split(train, validation, test)


def waimai(folder: Path) -> Split:
    """Chinese reviews of food deliveries; a fifth is held out by hash."""
    return split_by_hash(_csv(folder / "waimai_10k.csv", "review", "label"))


def airline(_folder: Path) -> Split:
    """The bundled messages to six airlines, weighted by the annotators' agreement; a fifth is held out by hash."""
    records = (record for record in read(AIRLINE.uri, AIRLINE) if isinstance(record, Record))
    return split_by_hash((record.text, str(record.label or ""), record.weight) for record in records)


def intent(_folder: Path) -> Split:
    """The bundled intents as the catalog declares them; a fifth is held out by hash."""
    splits = split_source(find("intent", {spec.name: spec for spec in BUILT_IN}), with_originals=True)
    messages = pa.concat_tables([splits.train, splits.traffic, splits.test]).sort_by("key")
    return split_by_hash((record.text, str(record.label), record.weight) for record in unmasked_records(messages))


SETS: dict[str, tuple[Callable[[Path], Split], tuple[str, ...]]] = {
    "banking77": (banking77, ("train.csv", "test.csv")),
    "clinc150": (clinc150, ("data_full.json",)),
    "sst2": (sst2, ("train.tsv", "dev.tsv", "test.tsv")),
    "waimai": (waimai, ("waimai_10k.csv",)),
    "airline": (airline, ()),
    "intent": (intent, ()),
}


@cache  # used by several parts; near duplicates of 14,000 messages take 14 s
def load_split(name: str, data: Path | None) -> Split:
    """One data set by name. Raises NoData."""
    files(name, data)
    return SETS[name][0]((data or Path()) / name)


def identity(name: str, data: Path | None) -> str:
    """SHA-256 over the files of a data set. Raises NoData."""
    sha256 = hashlib.sha256()
    for file in files(name, data):
        sha256.update(file.read_bytes())
    return sha256.hexdigest()


def files(name: str, data: Path | None) -> list[Path]:
    """The files of a data set; the bundled ones need no folder. Raises NoData."""
    names = SETS[name][1]
    if not names:
        return [airline_file(), *([INTENTS] if name == "intent" else [])]
    if data is None:
        raise NoData(f"{name} needs --data FOLDER, a folder with {name}/{', '.join(names)}")
    paths = [data / name / file for file in names]
    missing = [str(file) for file in paths if not file.is_file()]
    if missing:
        raise NoData(f"{name} needs {', '.join(missing)}: not there")
    return paths


def _csv(file: Path, text: str, label: str) -> Triples:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield from ((row[text], row[label], 1.0) for row in csv.DictReader(stream))


def _tsv(file: Path) -> Triples:
    lines = file.read_text(encoding="utf-8").split("\n")
    return ((text, label, 1.0) for text, _, label in (line.rpartition("\t") for line in lines if line.strip()))
