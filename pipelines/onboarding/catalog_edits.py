"""Changes of declarations in a TOML catalog; comments, order and other models stay as they are written."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tomlkit
from filelock import FileLock
from tomlkit.items import AoT, Table

from pipelines.catalog.catalog_file import BrokenCatalog, declared_in
from pipelines.kinds.declaring import NotDeclarable


@contextmanager
def edited(file: Path) -> Iterator[AoT]:
    """The `[[model]]` tables of a catalog, to be changed inside the context; the file is replaced only if it is valid.

    Raises NotDeclarable for a Python file, a missing file, or tables that are no valid catalog afterwards.
    """
    if file.suffix == ".py":
        raise NotDeclarable(f"{file} is Python: change the declaration there by hand")
    if not file.exists():
        raise NotDeclarable(f"{file} does not exist: nothing is declared there yet")
    with FileLock(f"{file}.lock"):
        document = tomlkit.parse(file.read_bytes().decode("utf-8"))
        models = document.get("model")
        if not isinstance(models, AoT):
            raise NotDeclarable(f"{file} has no [[model]] tables; change its models by hand")
        yield models
        if not models:  # an empty array of tables cannot be written
            del document["model"]
        replace_catalog(file, tomlkit.dumps(document).encode())


def replace_catalog(file: Path, content: bytes) -> None:
    """Replace the file, under its lock. Raises NotDeclarable if the content is no valid catalog."""
    temporary = file.with_suffix(".tmp")
    temporary.write_bytes(content)
    shutil.copymode(file, temporary)  # keeps the permissions that the user chose
    try:
        declared_in(temporary, shown=file)
    except BrokenCatalog as error:
        temporary.unlink()
        raise NotDeclarable(str(error).replace(str(temporary), str(file))) from error
    temporary.replace(file)


def table_of(models: AoT, name: str, file: Path) -> Table:
    """The table of a model. Raises NotDeclarable if the file does not declare it."""
    for table in models:
        if isinstance(table, Table) and table.get("name") == name:
            return table
    raise NotDeclarable(f"{name!r} is not declared in {file}")
