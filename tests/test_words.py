"""The words of the tree: texts name their subject, names are the field's, and no module name stands twice."""

import ast
import io
import re
import tokenize
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("flows", "tasks", "expectations", "pipelines")
FILES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
TESTS = sorted(file for folder in ("tests", "docs", "infra") for file in (ROOT / folder).rglob("*.py"))
# The pages in English; those in Chinese follow them.
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "infra/README.md")),
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if ".zh" not in page.name and "_build" not in page.parts),
]
RIDDLE = re.compile(r"(What|Who|Whether|How|Where|When|Which|Whose|Whoever|Whatever)\b")
# Subjects without a name, anywhere in a text.
NAMELESS = re.compile(r"\b(whoever|whatever|nobody|somebody|anybody|everybody)\b", re.IGNORECASE)
# A sentence, an item or a cell that begins with a riddle and asks nothing; a heading may.
STATEMENT = re.compile(r"(?:^|[.;:] |\* |- |\| )(What|Who|Whose|Whether|Which)\b(?![^.|]*\?)")
CELL = re.compile(r"\| (what|who|whose|whether|which)\b")
# Verbs of this project's own, for printed, reported, stored and measured.
PRIVATE_VERB = re.compile(r"\b(said|told|kept|found)\b")
CODE = re.compile(r"`[^`]*`|<!--.*?-->|```.*?```", re.DOTALL)
# Names without a content: they do not name the thing.
EMPTY_NAMES = """
    asked counted crowned found given gone heard judged kept made more moved noted one opened said seen served shown
    spoilt taken taught tellable there told wanted what who whoever
"""
# Each kind of model has these parts under the same names: `pipelines/kinds/kind.py` imports them by name.
PART_NAMES = "baseline declaring fitting measures objective reader report suite target wire"


def where(file, line=None):
    return str(file.relative_to(ROOT)) + (f":{line}" if line else "")


def parsed(files):
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}


def definitions(tree):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def docstrings(trees):
    """The place and the text of each docstring, without code."""
    for file, tree in trees.items():
        for node in (tree, *definitions(tree)):
            yield where(file, getattr(node, "lineno", 1)), CODE.sub("", ast.get_docstring(node) or "")


def comments(files):
    """The place and the text of each comment, without code."""
    for file in files:
        for token in tokenize.generate_tokens(io.StringIO(file.read_text(encoding="utf-8")).readline):
            if token.type == tokenize.COMMENT:
                yield where(file, token.start[0]), CODE.sub("", token.string.lstrip("# "))


def prose(pages):
    """The place and the text of each line of a page, without headings and code."""
    for page in pages:
        text = CODE.sub(lambda code: "\n" * code[0].count("\n"), page.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            if not line.startswith("#"):
                yield where(page, number), line


def build_texts():
    """The names of the import contracts, and the help of each target of the Makefile."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    yield from (("pyproject.toml", contract["name"]) for contract in contracts)
    yield from (("Makefile", text) for text in re.findall(r"##\s*(.*)", (ROOT / "Makefile").read_text()))


@pytest.fixture(scope="module")
def trees():
    return parsed(FILES)


@pytest.fixture(scope="module")
def trees_of_tests():
    return parsed(TESTS)


def test_a_docstring_begins_with_its_subject(trees, trees_of_tests):
    assert [place for place, text in docstrings(trees | trees_of_tests) if RIDDLE.match(text)] == []


def test_texts_about_tests_name_their_subjects_and_use_no_private_verbs(trees_of_tests):
    texts = [*docstrings(trees_of_tests), *comments(TESTS)]
    patterns = (NAMELESS, STATEMENT, PRIVATE_VERB)
    assert [place for place, text in texts if any(pattern.search(text) for pattern in patterns)] == []


@pytest.mark.parametrize("pattern", [NAMELESS, STATEMENT, CELL], ids=["nobody", "statement", "cell"])
def test_pages_and_the_build_name_their_subjects(pattern):
    assert [place for place, text in [*prose(PAGES), *build_texts()] if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (RIDDLE, "What many tests share: a tiny encoder."),
        (NAMELESS, "Whoever decides on measures or shows them knows none of them"),
        (STATEMENT, "Refusals are cheap. What is left is answered."),
        (STATEMENT, "Who needs to know what a kind of model answers asks the kind"),
        (CELL, "| `target` | what it answers |"),
        (PRIVATE_VERB, "Everything that was said about the messages."),
    ],
)
def test_an_old_line_is_noticed(pattern, text):
    assert pattern.search(text)


def test_a_public_name_says_what_it_is(trees, trees_of_tests):
    empty = [
        where(file, node.lineno)
        for file, tree in (trees | trees_of_tests).items()
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
