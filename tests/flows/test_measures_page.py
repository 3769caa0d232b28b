"""The page of measures names every measure of evidence and of a training, and no other measure."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from pipelines.training.export.compression import Form
from pipelines.training.optimisation.cost import Cost
from pipelines.training.pretraining.pretraining import Perplexity
from tests.pipelines.serving.console.decision_sentences import MAKERS, PACKAGES, measures

PAGES = [Path(__file__).parents[2] / "docs" / "reference" / name for name in ("measures.md", "measures.zh.md")]
LISTED = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
NAMING = MAKERS - {"missing_evidence"} | {"Measure", "mcnemar_measure"}  # functions whose first argument is a name
TOY = "x.y"  # a measure without words of its own, of no kind


def names_on(page):
    return [name for cell in LISTED.findall(page.read_text(encoding="utf-8")) for name in re.findall("`(.+?)`", cell)]


def pattern(name):
    """The regular expression of a listed name: a word in capitals matches any text."""
    parts = re.split(r"([A-Z]{2,})", name)
    return re.compile("".join(".+" if number % 2 else re.escape(part) for number, part in enumerate(parts)))


PATTERNS = [pattern(name) for name in names_on(PAGES[0])]


def literal_names():
    """The literal names in the code of measures that the fixture does not make."""
    for file in [*PACKAGES.glob("evaluation/**/*.py"), *PACKAGES.glob("kinds/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in NAMING:
                yield from (one.value for one in node.args[:1] if isinstance(one, ast.Constant))


@pytest.fixture(scope="module")
def measure_names(tmp_path_factory):
    names = {measure.name for measure in measures(tmp_path_factory.mktemp("packages"))}
    return {*names, *literal_names()} - {TOY}


def test_every_measure_is_on_the_page(measure_names):
    assert [name for name in sorted(measure_names) if not any(one.fullmatch(name) for one in PATTERNS)] == []


def test_every_figure_of_a_training_is_on_the_page():
    costs = [f"cost.{field.name}" for field in fields(Cost)]
    words = [f"pretraining.{field.name}" for field in fields(Perplexity)]
    forms = Form("int8", "", 1, 1.0, {"macro_f1": 0.5}, 0.0).figures()
    assert [name for name in (*costs, *words, *forms) if not any(one.fullmatch(name) for one in PATTERNS)] == []


def test_the_page_names_no_measure_that_is_not_made(measure_names):
    table = PAGES[0].read_text(encoding="utf-8").partition("## Only in MLflow")[0]
    listed = [name for cell in LISTED.findall(table) for name in re.findall("`(.+?)`", cell)]
    assert [name for name in listed if not any(pattern(name).fullmatch(one) for one in measure_names)] == []


def test_both_languages_name_the_same_measures():
    assert names_on(PAGES[0]) == names_on(PAGES[1])
