"""Count the functions of a tree, their parameters, and how many of those take settings: `shape.py [FOLDER]`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median

ROOMS = ("flows", "tasks", "expectations", "pipelines")


def functions(tree: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of the four rooms."""
    for file in sorted(file for room in ROOMS for file in (tree / room).rglob("*.py")):
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        yield from (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """Its parameters without `self` and `cls`."""
    given = function.args
    return [one for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.arg not in ("self", "cls")]


def main() -> None:
    tree = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2]
    found = [*functions(tree)]
    counts, annotations = (
        [len(parameters(one)) for one in found],
        [ast.unparse(each.annotation) for one in found for each in parameters(one) if each.annotation],
    )
    print(
        f"functions: {len(found)}, median of {median(one.end_lineno - one.body[0].lineno + 1 for one in found)} lines"
    )
    print(f"parameters per function: {mean(counts):.2f}, more than five in {sum(count > 5 for count in counts)}")
    print(f"parameters that take settings: {sum('Settings' in one for one in annotations)}")


if __name__ == "__main__":
    main()
