"""Count names, docstrings, imports and pages of a tree, as a newcomer meets them: `shape.py [FOLDER]`."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean, median

ROOMS = ("flows", "tasks", "expectations", "pipelines")
RIDDLE = re.compile(r"(What|Who|Whether|How|Where|When|Which|Whose|Whoever|Whatever)\b")
EMPTY = ("one", "found", "said", "kept", "told")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(tree: Path, rooms: Sequence[str] = ROOMS) -> dict[str, ast.Module]:
    """The parsed modules of these rooms, by dotted name."""
    files = sorted(file for room in rooms for file in (tree / room).rglob("*.py"))
    names = (".".join(file.relative_to(tree).with_suffix("").parts).removesuffix(".__init__") for file in files)
    return {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in zip(names, files, strict=True)}


def parameters(function: Function) -> list[ast.arg]:
    """The parameters of a function without `self` and `cls`."""
    given = function.args
    return [one for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.arg not in ("self", "cls")]


def imports(name: str, module: ast.Module, known: set[str]) -> Iterator[tuple[str, str]]:
    """The pairs of a module and a module of this repository that it imports."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                target = f"{node.module}.{alias.name}"
                if (found := target if target in known else node.module) in known:
                    yield name, found


def riddles(nodes: Iterable[ast.AST]) -> tuple[int, int]:
    """The number of docstrings, and of those that begin with a riddle."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [text for node in nodes if isinstance(node, documented) and (text := ast.get_docstring(node))]
    return len(texts), sum(bool(RIDDLE.match(text)) for text in texts)


def twice(names: list[str]) -> int:
    """The number of names that occur more than once."""
    return sum(count > 1 for count in Counter(names).values())


def shape(tree: Path) -> Iterator[tuple[str, object]]:
    """The counts, each with its description."""
    trees = modules(tree)
    nodes = [node for module in trees.values() for node in ast.walk(module)]
    functions = [node for node in nodes if isinstance(node, Function)]
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    arrows = {arrow for name, module in trees.items() for arrow in imports(name, module, set(trees))}
    rooms = [(one.split(".")[:2], other.split(".")[:2]) for one, other in arrows]
    annotations = [ast.unparse(one.annotation) for node in functions for one in parameters(node) if one.annotation]
    packages = {name.rpartition(".")[0] for name in trees}
    stems = [name.split(".")[-1] for name in trees if name.startswith("pipelines.") and name not in packages]
    yield "modules, functions", (len(trees), len(functions))
    yield "lines of a function, median", median(node.end_lineno - node.body[0].lineno + 1 for node in functions)
    yield "parameters of a function", f"{mean(len(parameters(node)) for node in functions):.2f}"
    yield "functions of more than five parameters", sum(len(parameters(node)) > 5 for node in functions)
    yield "parameters that take settings", sum("Settings" in one for one in annotations)
    yield "module names that stand twice below pipelines/", twice(stems)
    yield "class names that stand twice", twice([node.name for node in classes])
    yield "docstrings; of them riddles", riddles(nodes)
    tests = modules(tree, ("tests",)).values()
    yield "docstrings of tests; of them riddles", riddles(node for module in tests for node in ast.walk(module))
    yield (
        "own imports under another name",
        sum(
            bool(alias.asname and alias.asname != alias.name)
            for node in nodes
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS
            for alias in node.names
        ),
    )
    names = Counter(node.id for node in nodes if isinstance(node, ast.Name))
    yield f"uses of the names {', '.join(EMPTY)}", sum(names[name] for name in EMPTY)
    for wing in ("pipelines.serving", "pipelines.training"):
        floor = [name for name in trees if name.rpartition(".")[0] == wing and name not in packages]
        yield (
            f"modules on the floor of {wing}; arrows between them",
            (
                len(floor),
                sum(one in floor and other in floor for one, other in arrows),
            ),
        )
    yield (
        "arrows between rooms of pipelines",
        sum(one != other and one[0] == other[0] == "pipelines" for one, other in rooms),
    )
    yield (
        "bytes of README.md; of docs/",
        (
            (tree / "README.md").stat().st_size,
            sum(page.stat().st_size for page in (tree / "docs").rglob("*.md") if "_build" not in page.parts),
        ),
    )


def main() -> None:
    for name, count in shape(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2]):
        print(f"{name}: {', '.join(map(str, count)) if isinstance(count, tuple) else count}")


if __name__ == "__main__":
    main()
