"""From a stranger's file to a complete declaration: labels as found, floors as the baselines set them."""

from collections import Counter
from pathlib import Path

import pandas as pd
import tomli_w
from filelock import FileLock
from sklearn.metrics import accuracy_score, f1_score

from pipelines.catalog import BUILT_IN, BrokenCatalog, Gate, ModelSpec, Source, declared_in
from pipelines.evaluation.baseline import majority, tfidf
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.reading import quoted
from pipelines.ingestion.records import Record, read
from pipelines.ingestion.snapshot import read as rows_of
from pipelines.ingestion.sources import columns
from pipelines.masking.mask import mask
from pipelines.recipe import Recipe
from pipelines.settings import Settings
from pipelines.store.store import Store

MOST_LABELS = 300
LONGEST_LABEL = 200
FEW_ROWS = 3000
OPEN = Gate(macro_f1=0, accuracy=0, margin=0.02, lead=0)
# An easy file is solved by TF-IDF without a miss: a floor of 1 would refuse every model that errs once, for ever.
HIGHEST_FLOOR = 0.98
# Later messages may be a little more mixed than those that were measured.
LANGUAGE_SHARE, LANGUAGE_SLACK = 0.8, 0.1


class NotDeclarable(ValueError):
    """A file or a name that cannot become a declaration."""


def declare(name: str, source: Source, language: str, settings: Settings, share: float) -> ModelSpec:
    """A declaration whose floors are the majority's accuracy and TF-IDF's macro-F1 on the held-out rows.

    `share` is how many of the source's messages, of 1, read as `language`; raises NotDeclarable.
    """
    if name in {one.name for one in BUILT_IN}:
        raise NotDeclarable(f"{name!r} is a built-in model; choose another name")
    draft = ModelSpec(name=name, language=language, labels=labels_in(source), source=source, gate=OPEN)
    corpus = ingest(draft, settings)
    Store(settings.database).use(corpus.test.digest, name, "the floors of needloop add")
    train, test = rows_of(corpus.train), rows_of(corpus.test)
    _require_labels(draft.labels, train["label"], test["label"])
    rarest = min(Counter(train["label"]).values()) / len(train)
    found = {
        "gate": _gate(train, test),
        "recipe": Recipe(epochs=6 if len(train) < FEW_ROWS else 3),
        "rarest": rarest / 2,
        "language_share": _down(min(LANGUAGE_SHARE, max(0.0, share - LANGUAGE_SLACK))),
    }
    return draft.model_copy(update=found)


def labels_in(source: Source) -> tuple[str, ...]:
    """The distinct labels of a source, sorted; raises NotDeclarable where the column holds no labels."""
    there = columns(source.uri)
    for column in filter(None, (source.text, source.label)):
        if column not in there:
            raise NotDeclarable(f"{source.uri} has no column {column!r}; it has {quoted(there)}")
    found = {one.label for one in read(source.uri, source) if isinstance(one, Record) and one.label}
    if not 2 <= len(found) <= MOST_LABELS:
        raise NotDeclarable(
            f"{source.uri}: the column {source.label!r} holds {len(found)} different values; "
            f"a label column has between 2 and {MOST_LABELS}"
        )
    # Labels are stored and shown as they are, so none may hold what a mask would hide; no value is named here.
    if any(len(label) > LONGEST_LABEL or mask(label) != label for label in found):
        raise NotDeclarable(
            f"{source.uri}: the column {source.label!r} holds personal data (addresses, numbers, handles) or values "
            f"of more than {LONGEST_LABEL} characters; name a column of plain labels, or rename these"
        )
    return tuple(sorted(found))


def write(spec: ModelSpec, file: Path) -> None:
    """Append a declaration to a TOML catalog, made if missing; raises NotDeclarable where the name is taken."""
    if file.suffix == ".py":
        raise NotDeclarable(
            f"{file} is Python: add the declaration there by hand, or set NEEDLOOP_CATALOG to a .toml file"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock"):  # two commands at once would each keep only their own
        if file.exists() and any(one.name == spec.name for one in declared_in(file)):
            raise NotDeclarable(f"{spec.name!r} is already declared in {file}; edit it there or choose another name")
        _append(spec, file)


def _append(spec: ModelSpec, file: Path) -> None:
    """What stands in the file is kept byte by byte, because its comments are the user's."""
    before = file.read_bytes() + b"\n" if file.exists() else b""
    table = tomli_w.dumps({"model": [spec.model_dump(mode="json", exclude_none=True)]})
    temporary = file.with_suffix(".tmp")
    temporary.write_bytes(before + table.encode())
    try:
        declared_in(temporary)
    except BrokenCatalog as error:
        temporary.unlink()
        raise NotDeclarable(f"{file} takes no [[model]] table at its end; write its models as [[model]]") from error
    temporary.replace(file)


def _require_labels(labels: tuple[str, ...], learnt: "pd.Series[str]", held_out: "pd.Series[str]") -> None:
    """Validation asks for every label in train, and a score for two in test."""
    if learnt.nunique() < 2 or held_out.nunique() < 2:
        raise NotDeclarable(
            f"{len(learnt)} rows to learn from and {len(held_out)} held out are too few: "
            "both need at least two labels; bring more messages"
        )
    kept = Counter(held_out)
    if absent := sorted(set(labels) - set(learnt)):
        listed = ", ".join(f"{label!r} (0 of {kept[label]} usable rows)" for label in absent)
        raise NotDeclarable(
            f"no row to learn from for {listed}: the others are held out by their hash; "
            "bring more messages of each, or merge it with another label, or remove its rows"
        )


def _gate(train: pd.DataFrame, test: pd.DataFrame) -> Gate:
    learnt = train["label"].tolist()
    simple, common = tfidf(train["text"].tolist(), learnt, test["text"].tolist()), majority(learnt, len(test))
    macro_f1 = float(f1_score(test["label"], simple, average="macro", zero_division=0.0))
    accuracy = float(accuracy_score(test["label"], common))
    found = {"macro_f1": min(HIGHEST_FLOOR, _down(macro_f1)), "accuracy": _down(accuracy)}
    if set(learnt) - set(test["label"]):  # a label that no held-out text has can be held to no floor
        found["recall"] = 0.0
    return OPEN.model_copy(update=found)


def _down(value: float) -> float:
    """Three decimals, never more than was measured."""
    return int(value * 1000) / 1000
