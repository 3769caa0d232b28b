"""From a stranger's file to a complete declaration: labels as found, floors as the baselines set them."""

import tomllib
from collections import Counter
from pathlib import Path

import tomli_w
from sklearn.metrics import accuracy_score, f1_score

from pipelines.catalog import Gate, ModelSpec, Recipe, Source, declared_in
from pipelines.evaluation.baseline import majority, tfidf
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.records import Record, read
from pipelines.ingestion.snapshot import read as rows_of
from pipelines.ingestion.sources import columns
from pipelines.settings import Settings

MOST_LABELS = 300
FEW_ROWS = 3000


class NotDeclarable(ValueError):
    """A file or a name that cannot become a declaration."""


def declare(name: str, source: Source, language: str, settings: Settings) -> ModelSpec:
    """A declaration whose gate asks for at least the majority's accuracy and TF-IDF's macro-F1 on the held-out rows."""
    open_gate = Gate(macro_f1=0, accuracy=0, margin=0.02, lead=0)
    draft = ModelSpec(name=name, language=language, labels=labels_in(source), source=source, gate=open_gate)
    corpus = ingest(draft, settings)
    train, test = rows_of(corpus.train), rows_of(corpus.test)
    if train["label"].nunique() < 2 or test["label"].nunique() < 2:
        raise NotDeclarable(
            f"{len(train)} rows to learn from and {len(test)} held out are too few: "
            "both need at least two labels; bring more messages"
        )
    learnt = train["label"].tolist()
    simple, common = tfidf(train["text"].tolist(), learnt, test["text"].tolist()), majority(learnt, len(test))
    gate = open_gate.model_copy(
        update={
            "accuracy": _down(accuracy_score(test["label"], common)),
            "macro_f1": _down(f1_score(test["label"], simple, average="macro", zero_division=0.0)),
        }
    )
    rarest = min(Counter(learnt).values()) / len(learnt)
    return draft.model_copy(
        update={"gate": gate, "recipe": Recipe(epochs=6 if len(train) < FEW_ROWS else 3), "rarest": rarest / 2}
    )


def labels_in(source: Source) -> tuple[str, ...]:
    """The distinct labels of a source, sorted; raises NotDeclarable where the column holds no labels."""
    there = columns(source.uri)
    for column in filter(None, (source.text, source.label)):
        if column not in there:
            raise NotDeclarable(
                f"{source.uri} has no column {column!r}; it has {', '.join(map(repr, there)) or 'none'}"
            )
    found = {one.label for one in read(source.uri, source) if isinstance(one, Record) and one.label}
    if not 2 <= len(found) <= MOST_LABELS:
        raise NotDeclarable(
            f"{source.uri}: the column {source.label!r} holds {len(found)} different values; "
            f"a label column has between 2 and {MOST_LABELS}"
        )
    return tuple(sorted(found))


def _down(value: float) -> float:
    """Three decimals, never more than was measured."""
    return int(value * 1000) / 1000


def write(spec: ModelSpec, file: Path) -> None:
    """Add a declaration to a TOML catalog, made if missing; raises NotDeclarable where the name is taken."""
    if file.suffix == ".py":
        raise NotDeclarable(
            f"{file} is Python: add the declaration there by hand, or set NEEDLOOP_CATALOG to a .toml file"
        )
    if file.exists() and any(one.name == spec.name for one in declared_in(file)):
        raise NotDeclarable(f"{spec.name!r} is already declared in {file}; edit it there or choose another name")
    tables = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    tables.setdefault("model", []).append(spec.model_dump(mode="json", exclude_none=True))
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_text(tomli_w.dumps(tables), encoding="utf-8")
    temporary.replace(file)
