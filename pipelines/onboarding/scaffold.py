"""From a data file to a complete declaration: labels from the data, floors from the baselines."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomli_w
from filelock import FileLock

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import BrokenCatalog, declared_in
from pipelines.catalog.gate import AnyGate
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.corpus import Corpus, ingest
from pipelines.ingestion.row_report import RowReport
from pipelines.ingestion.snapshot import read
from pipelines.kinds.declaring import ONE_LABEL, LabelFormat, NotDeclarable, round_down
from pipelines.kinds.known import find_kind
from pipelines.onboarding.token_lengths import length_warnings, measure
from pipelines.workspace.workspace import Workspace

BASE = "minilm"
FEW_ROWS = 3000
FEW_HELD_OUT = 30  # with 30 right of 30, the true accuracy may still be 0.9
# Later messages may be more mixed than the measured ones.
LANGUAGE_SHARE, LANGUAGE_SLACK = 0.8, 0.1


@dataclass(frozen=True)
class NewModel:
    """A declaration for a file, what became of the file's rows, and sentences for people about its labels and texts."""

    spec: ModelSpec
    rows: RowReport
    notes: tuple[str, ...]


def declare(
    name: str,
    source: Source,
    language: str,
    workspace: Workspace,
    share: float,
    label_format: LabelFormat = ONE_LABEL,
    base: str = BASE,
) -> NewModel:
    """A declaration with floors that the baselines reach on held-out rows; `label_format` is the format of the labels.

    `share` is the fraction (0 to 1) of the messages that are in `language`. Raises NotDeclarable.
    """
    kind = find_kind(label_format.kind)
    fields = {"name": name, "language": language, "base_model": base, "source": source, "gate": AnyGate()}
    draft, corpus, notes = _learnable(fields, workspace, label_format)
    workspace.store.record_test_set_use(corpus.test.digest, name, "the floors of needloop add")
    train, test = read(corpus.train), read(corpus.test)
    try:
        kind.declaring.require(draft.target, train["label"].tolist(), test["label"].tolist())
    except NotDeclarable as error:
        error.rows = corpus.report
        raise
    lengths = measure(train["text"], base)
    recipe = Recipe(
        epochs=6 if len(train) < FEW_ROWS else 3, max_tokens=lengths.max_tokens, truncation=lengths.truncation
    )
    values = {
        "gate": kind.declaring.floors(draft.target, train, test),
        "recipe": recipe,
        "min_label_share": kind.declaring.rarest_share(draft.target, train["label"].tolist()) / 2,
        "min_language_share": round_down(min(LANGUAGE_SHARE, max(0.0, share - LANGUAGE_SLACK))),
    }
    warnings = length_warnings(lengths, language, recipe)
    return NewModel(draft.model_copy(update=values), corpus.report, (*notes, *warnings, *_few_held_out(len(test))))


def _few_held_out(rows: int) -> list[str]:
    if rows >= FEW_HELD_OUT:
        return []
    held_out = "1 row is" if rows == 1 else f"{rows} rows are"
    return [f"only {held_out} held out: the gate will decide nearly by chance; bring some hundreds of messages"]


def _learnable(
    fields: dict[str, Any], workspace: Workspace, label_format: LabelFormat
) -> tuple[ModelSpec, Corpus, tuple[str, ...]]:
    """A draft of the labels that have rows to learn from, its corpus, and sentences about the labels.

    A label without such a row is left out, and its rows with it: a held-out row never becomes a training row.
    """
    declaring = find_kind(label_format.kind).declaring
    rows: RowReport | None = None
    while True:
        try:
            found = declaring.target(fields["source"], label_format)
        except NotDeclarable as error:
            error.rows = rows
            raise
        draft = ModelSpec(target=found.target, **fields)
        corpus = ingest(draft, workspace)
        rows = corpus.report
        absent = declaring.unlearnable(found.target, read(corpus.train)["label"].tolist())
        if not absent:
            return draft, corpus, found.notes
        label_format = replace(label_format, without=label_format.without | absent)


def require_free(name: str, file: Path) -> None:
    """Raise NotDeclarable if a name is taken, or if the catalog is a Python file."""
    if name in {spec.name for spec in BUILT_IN}:
        raise NotDeclarable(f"{name!r} is a built-in model; choose another name")
    if file.suffix == ".py":
        raise NotDeclarable(
            f"{file} is Python: add the declaration there by hand, or set NEEDLOOP_CATALOG to a .toml file"
        )
    if file.exists() and any(other.name == name for other in declared_in(file)):
        raise NotDeclarable(
            f"{name!r} is already declared in {file}; add --update reads its file again, or choose another name"
        )


def write(spec: ModelSpec, file: Path) -> None:
    """Append a declaration to a TOML catalog, created if missing. Raises NotDeclarable if the name is taken."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock"):  # without it, concurrent commands would overwrite each other
        require_free(spec.name, file)
        append_model(spec, file)


def append_model(spec: ModelSpec, file: Path) -> None:
    """Append to the file and keep its content byte by byte, with the user's comments."""
    content = file.read_bytes() + b"\n" if file.exists() else b""
    table = tomli_w.dumps({"model": [spec.model_dump(mode="json", exclude_none=True, by_alias=False)]})
    temporary = file.with_suffix(".tmp")
    temporary.write_bytes(content + table.encode())
    if file.exists():  # keeps the permissions that the user chose
        shutil.copymode(file, temporary)
    try:
        declared_in(temporary, shown=file)
    except BrokenCatalog as error:
        temporary.unlink()
        raise NotDeclarable(f"{file} takes no [[model]] table at its end; write its models as [[model]]") from error
    temporary.replace(file)
