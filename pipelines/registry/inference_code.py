"""The code that a registered model carries: the modules that it needs to answer, and no others."""

import ast
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pipelines

TREE = Path(pipelines.__file__).parent


def inference_code(entry: Path, folder: Path, parts: Iterable[str] = ()) -> Path:
    """Copy what `entry`, a file of this tree, needs of it below `folder`; returns the copy's root package.

    `parts` are names of modules that it loads by their names.
    """
    for file in sorted(needed(entry, *filter(None, map(_file, parts)))):
        copy = folder / file.relative_to(TREE.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return folder / TREE.name


def needed(*entries: Path) -> set[Path]:
    """The files, those of all modules of this tree that they import, directly or not, and their packages."""
    found, waiting = set[Path](), [*entries]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [folder / "__init__.py" for folder in file.parents if folder.is_relative_to(TREE)]
            waiting += _imported(file)
    return found


@cache  # of each version that is registered: to read them all takes longer than to copy them
def _imported(file: Path) -> tuple[Path, ...]:
    names = _imports(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(own for name in names if (own := _file(name)))


def _imports(node: ast.AST) -> Iterator[str]:
    """What a module imports when it runs, also within functions: dotted names of modules, or of what is in them."""
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
    place = TREE.parent.joinpath(*name.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_relative_to(TREE) and file.exists()), None)
