"""From a data file to a complete declaration: labels from the data, floors from the baselines."""

import shutil
from pathlib import Path

import tomli_w
from filelock import FileLock

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import BrokenCatalog, declared_in
from pipelines.catalog.gate import AnyGate
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.kinds.declaring import ONE_LABEL, LabelFormat, NotDeclarable, round_down
from pipelines.kinds.known import find_kind
from pipelines.workspace.workspace import Workspace

FEW_ROWS = 3000
# Later messages may be more mixed than the measured ones.
LANGUAGE_SHARE, LANGUAGE_SLACK = 0.8, 0.1


def declare(
    name: str, source: Source, language: str, workspace: Workspace, share: float, label_format: LabelFormat = ONE_LABEL
) -> ModelSpec:
    """A declaration with floors that the baselines reach on held-out rows; `label_format` is the format of the labels.

    `share` is the fraction (0 to 1) of the messages that are in `language`. Raises NotDeclarable.
    """
    if name in {spec.name for spec in BUILT_IN}:
        raise NotDeclarable(f"{name!r} is a built-in model; choose another name")
    kind = find_kind(label_format.kind)
    target = kind.declaring.target(source, label_format)
    draft = ModelSpec(name=name, language=language, target=target, source=source, gate=AnyGate())
    corpus = ingest(draft, workspace)
    workspace.store.record_test_set_use(corpus.test.digest, name, "the floors of needloop add")
    train, test = read(corpus.train), read(corpus.test)
    kind.declaring.require(target, train["label"].tolist(), test["label"].tolist())
    rarest = kind.declaring.rarest_share(target, train["label"].tolist())
    values = {
        "gate": kind.declaring.floors(target, train, test),
        "recipe": Recipe(epochs=6 if len(train) < FEW_ROWS else 3),
        "min_label_share": rarest / 2,
        "min_language_share": round_down(min(LANGUAGE_SHARE, max(0.0, share - LANGUAGE_SLACK))),
    }
    return draft.model_copy(update=values)


def write(spec: ModelSpec, file: Path) -> None:
    """Append a declaration to a TOML catalog, created if missing. Raises NotDeclarable if the name is taken."""
    if file.suffix == ".py":
        raise NotDeclarable(
            f"{file} is Python: add the declaration there by hand, or set NEEDLOOP_CATALOG to a .toml file"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock"):  # without it, concurrent commands would overwrite each other
        if file.exists() and any(other.name == spec.name for other in declared_in(file)):
            raise NotDeclarable(f"{spec.name!r} is already declared in {file}; edit it there or choose another name")
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
