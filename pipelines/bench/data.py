"""The data sets of the benchmark, each in the three parts that a recipe learns from, is chosen on and is judged by."""

import csv
import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pipelines.bench.split import Split, Triples, held_out, rows, validated
from pipelines.catalog.spec import BUILT_IN, INTENTS, Source, find
from pipelines.ingestion import sources
from pipelines.ingestion.airline import airline_file
from pipelines.ingestion.records import Record, read
from pipelines.ingestion.splits import pool

AIRLINE = Source(uri=sources.AIRLINE, label="sentiment", confidence="confidence")


class NoData(LookupError):
    """A data set that is not in the folder, or no folder at all."""


def banking77(folder: Path) -> Split:
    """77 intents of bank customers, test as published (Casanueva and others, 2020)."""
    train, test = (_csv(folder / f"{name}.csv", "text", "category") for name in ("train", "test"))
    return validated(rows(train), rows(test))


def clinc150(folder: Path) -> Split:
    """150 intents and messages outside of all of them, as published (Larson and others, 2019)."""
    whole = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    names = ("train", "val", "test", "oos_val", "oos_test")
    train, validation, test, *outside = (rows((*pair, 1.0) for pair in whole[name]) for name in names)
    return Split(train, validation, test, (outside[0].texts, outside[1].texts))


def sst2(folder: Path) -> Split:
    """Whole sentences of film reviews, as published (Socher and others, 2013)."""
    train, validation, test = (rows(_tsv(folder / f"{name}.tsv")) for name in ("train", "dev", "test"))
    return Split(train, validation, test)


def waimai(folder: Path) -> Split:
    """Chinese reviews of food deliveries; a fifth is held out by hash."""
    return held_out(_csv(folder / "waimai_10k.csv", "review", "label"))


def airline(_folder: Path) -> Split:
    """The bundled messages to six airlines, weighed by the annotators' agreement; a fifth is held out by hash."""
    found = (one for one in read(AIRLINE.uri, AIRLINE) if isinstance(one, Record))
    return held_out((one.text, one.label or "", one.weight) for one in found)


def intent(_folder: Path) -> Split:
    """The bundled intents as the catalog declares them; a fifth is held out by hash."""
    pools = pool(find("intent", {spec.name: spec for spec in BUILT_IN}))
    found = {**pools.train, **pools.traffic, **pools.test}
    return held_out((one.text, str(one.label), one.weight) for _, one in sorted(found.items()))


SETS: dict[str, tuple[Callable[[Path], Split], tuple[str, ...]]] = {
    "banking77": (banking77, ("train.csv", "test.csv")),
    "clinc150": (clinc150, ("data_full.json",)),
    "sst2": (sst2, ("train.tsv", "dev.tsv", "test.tsv")),
    "waimai": (waimai, ("waimai_10k.csv",)),
    "airline": (airline, ()),
    "intent": (intent, ()),
}


@cache  # several parts ask; near duplicates of 14,000 messages take 14 s
def loaded(name: str, data: Path | None) -> Split:
    """One data set of the folder by name. Raises NoData."""
    files(name, data)
    return SETS[name][0]((data or Path()) / name)


def identity(name: str, data: Path | None) -> str:
    """SHA-256 over the files of a data set. Raises NoData."""
    found = hashlib.sha256()
    for file in files(name, data):
        found.update(file.read_bytes())
    return found.hexdigest()


def files(name: str, data: Path | None) -> list[Path]:
    """The files a data set is read from; the bundled ones need no folder. Raises NoData."""
    names = SETS[name][1]
    if not names:
        return [airline_file(), *([INTENTS] if name == "intent" else [])]
    if data is None:
        raise NoData(f"{name} needs --data FOLDER, a folder with {name}/{', '.join(names)}")
    found = [data / name / file for file in names]
    lost = [str(file) for file in found if not file.is_file()]
    if lost:
        raise NoData(f"{name} needs {', '.join(lost)}: not there")
    return found


def _csv(file: Path, text: str, label: str) -> Triples:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield from ((row[text], row[label], 1.0) for row in csv.DictReader(stream))


def _tsv(file: Path) -> Triples:
    lines = file.read_text(encoding="utf-8").split("\n")
    return ((text, label, 1.0) for text, _, label in (line.rpartition("\t") for line in lines if line.strip()))
