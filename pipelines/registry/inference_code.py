"""The source files that a registered model carries: exactly the modules that inference needs."""

import ast
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pipelines

TREE = Path(pipelines.__file__).parent


def inference_code(entry: Path, folder: Path, parts: Iterable[str] = ()) -> Path:
    """Copy `entry`, a file of this tree, and its imports below `folder`; returns the copy's root package.

    `parts` are names of modules that it imports by name at run time.
    """
    for file in sorted(required_files(entry, *filter(None, map(_file, parts)))):
        copy = folder / file.relative_to(TREE.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return folder / TREE.name


def required_files(*entries: Path) -> set[Path]:
    """The entries, all modules of this tree that they import, directly or not, and their packages."""
    files, queue = set[Path](), [*entries]
    while queue:
        file = queue.pop()
        if file not in files:
            files.add(file)
            queue += [folder / "__init__.py" for folder in file.parents if folder.is_relative_to(TREE)]
            queue += _imported(file)
    return files


@cache  # reading all files takes longer than copying them
def _imported(file: Path) -> tuple[Path, ...]:
    names = _imports(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(imported for name in names if (imported := _file(name)))


def _imports(node: ast.AST) -> Iterator[str]:
    """The dotted names that a module imports at run time, also within functions."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from _imports(child)


def _file(name: str) -> Path | None:
    """The file of a module of this tree; None for any other name."""
    path = TREE.parent.joinpath(*name.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_relative_to(TREE) and file.exists()), None)
