"""From a stranger's file to a complete declaration: labels as found, floors as the baselines set them."""

import shutil
from pathlib import Path

import tomli_w
from filelock import FileLock

from pipelines.catalog.gate import AnyGate
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import BUILT_IN, BrokenCatalog, ModelSpec, Source, declared_in
from pipelines.home.workspace import Workspace
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read as rows_of
from pipelines.kinds.declaring import ONE_LABEL, NotDeclarable, Written, down
from pipelines.kinds.known import find

FEW_ROWS = 3000
# Later messages may be a little more mixed than those that were measured.
LANGUAGE_SHARE, LANGUAGE_SLACK = 0.8, 0.1


def declare(
    name: str, source: Source, language: str, workspace: Workspace, share: float, written: Written = ONE_LABEL
) -> ModelSpec:
    """A declaration with floors that simple answers reach on held-out rows; one label per text unless it is `written`.

    `share` is how many of the source's messages, of 1, read as `language`; raises NotDeclarable.
    """
    if name in {one.name for one in BUILT_IN}:
        raise NotDeclarable(f"{name!r} is a built-in model; choose another name")
    kind = find(written.kind)
    target = kind.declaring.target(source, written)
    draft = ModelSpec(name=name, language=language, target=target, source=source, gate=AnyGate())
    corpus = ingest(draft, workspace)
    workspace.store.use(corpus.test.digest, name, "the floors of needloop add")
    train, test = rows_of(corpus.train), rows_of(corpus.test)
    kind.declaring.require(target, train["label"].tolist(), test["label"].tolist())
    rarest = kind.declaring.rarest(target, train["label"].tolist())
    found = {
        "gate": kind.declaring.floors(target, train, test),
        "recipe": Recipe(epochs=6 if len(train) < FEW_ROWS else 3),
        "rarest": rarest / 2,
        "language_share": down(min(LANGUAGE_SHARE, max(0.0, share - LANGUAGE_SLACK))),
    }
    return draft.model_copy(update=found)


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
    if file.exists():  # who may read a catalog of the user's own is for the user to say
        shutil.copymode(file, temporary)
    try:
        declared_in(temporary)
    except BrokenCatalog as error:
        temporary.unlink()
        raise NotDeclarable(f"{file} takes no [[model]] table at its end; write its models as [[model]]") from error
    temporary.replace(file)
