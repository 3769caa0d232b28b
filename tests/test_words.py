"""The words of the tree: docstrings name their subject, names are the field's, and no module name stands twice."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("flows", "tasks", "expectations", "pipelines")
FILES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
RIDDLE = re.compile(r"(What|Who|Whether|How|Where|When|Which|Whose|Whoever|Whatever)\b")
# Names without a content: they do not name the thing.
EMPTY_NAMES = """
    asked counted crowned found given gone heard judged kept made more moved noted one opened said seen served shown
    spoilt taken taught tellable there told wanted what who whoever
"""
# Each kind of model has these parts under the same names: `pipelines/kinds/kind.py` imports them by name.
PART_NAMES = "baseline declaring fitting measures objective reader report suite target wire"


def where(file, line=None):
    return str(file.relative_to(ROOT)) + (f":{line}" if line else "")


def definitions(tree):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


@pytest.fixture(scope="module")
def trees():
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}


def test_a_docstring_begins_with_its_subject(trees):
    riddles = [
        where(file, getattr(node, "lineno", 1))
        for file, tree in trees.items()
        for node in (tree, *definitions(tree))
        if RIDDLE.match(ast.get_docstring(node) or "")
    ]
    assert riddles == []


def test_a_public_name_says_what_it_is(trees):
    empty = [
        where(file, node.lineno)
        for file, tree in trees.items()
        for node in definitions(tree)
        if node.name.lower() in EMPTY_NAMES.split()
    ]
    assert empty == []


def test_no_module_name_stands_twice_below_pipelines():
    by_name = defaultdict(list)
    for file in FILES:
        name, room = file.stem, file.relative_to(ROOT).parts
        if (
            room[0] == "pipelines"
            and not name.startswith("__")
            and not (room[1] == "kinds" and name in PART_NAMES.split())
        ):
            by_name[name].append(where(file))
    assert [files for files in by_name.values() if len(files) > 1] == []


def test_no_import_of_ours_needs_another_name(trees):
    renamed = [
        where(file, node.lineno)
        for file, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS
        for alias in node.names
        if alias.asname and alias.asname != alias.name  # `as` with the same name exports it
    ]
    assert renamed == []
