import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.catalog import BUILT_IN, BrokenCatalog, ModelSpec, UnknownModel, find, load
from pipelines.settings import Settings

DECLARATION = """
[[model]]
name = "topics"
labels = ["a", "b"]
source = {uri = "x.csv"}
gate = {macro_f1 = 0.5, accuracy = 0.5, margin = 0.02, lead = 0.0}
"""


def test_a_users_declarations_join_the_built_in_ones(settings):
    settings.catalog_file.write_text(DECLARATION)
    assert list(load(settings)) == ["sentiment", "intent", "topics"]


def test_a_python_catalog_is_read(settings, tmp_path, monkeypatch):
    file = tmp_path / "mine.py"
    file.write_text(
        "from pipelines.catalog import BUILT_IN\nMODELS = [BUILT_IN[0].model_copy(update={'name': 'mine'})]\n"
    )
    monkeypatch.setenv("NEEDLOOP_CATALOG", str(file))
    assert "mine" in load(Settings(_env_file=None))


@pytest.mark.parametrize(
    "broken",
    [
        DECLARATION.replace('"topics"', '"My Topics"'),
        DECLARATION.replace('["a", "b"]', '["a", "a"]'),
        DECLARATION.replace(", lead = 0.0", ""),
        DECLARATION.replace("uri", "url"),
        "[[model]\n",
    ],
    ids=["a name Prefect would refuse", "a label twice", "a gate with a hole", "a misspelt field", "no TOML"],
)
def test_a_broken_catalog_names_its_file(settings, broken):
    settings.catalog_file.write_text(broken)
    with pytest.raises(BrokenCatalog, match=r"catalog\.toml"):
        load(settings)


def test_an_unknown_model_is_told_the_known_ones(settings):
    with pytest.raises(UnknownModel, match="'mood' is not declared; choose from sentiment, intent"):
        find("mood", load(settings))


@pytest.mark.parametrize("spec", BUILT_IN, ids=lambda spec: spec.name)
def test_a_declaration_survives_json(spec):
    assert ModelSpec.model_validate_json(spec.model_dump_json()) == spec


def test_a_declaration_cannot_be_changed():
    with pytest.raises(ValidationError):
        BUILT_IN[0].name = "other"


def test_a_table_that_belongs_to_no_model_is_refused_and_not_dropped(settings):
    settings.catalog_file.write_text(DECLARATION + '[adapter]\nkind = "lora"\n')
    with pytest.raises(BrokenCatalog, match=r"\[adapter\] belongs to no model; below \[\[model\]\] write"):
        load(settings)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_declarations_of_the_readmes_can_be_read(settings, page):
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    whole, nested = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[:2]
    settings.catalog_file.write_text(whole)
    assert load(settings)["tickets"].recipe.epochs == 3
    settings.catalog_file.write_text(re.sub(r"recipe = .*\n", "", whole) + nested)
    recipe = load(settings)["tickets"].recipe
    assert (recipe.adapter.kind, recipe.ensemble.members, recipe.budget.seconds) == ("lora", 3, 1800)
