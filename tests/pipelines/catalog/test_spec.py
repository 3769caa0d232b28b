import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import BrokenCatalog, UnknownModel, find, load
from pipelines.catalog.recipe import RATES, Adversary, Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.workspace.settings import Settings

DECLARATION = """
[[model]]
name = "topics"
labels = ["a", "b"]
source = {uri = "x.csv"}
gate = {macro_f1 = 0.5, accuracy = 0.5, margin = 0.02, lead = 0.0}
"""


def test_a_users_declarations_join_the_built_in_ones(settings):
    settings.catalog_file.write_text(DECLARATION)
    assert list(load(settings.catalog_file)) == ["sentiment", "intent", "topics"]


def test_a_python_catalog_is_read(settings, tmp_path, monkeypatch):
    file = tmp_path / "mine.py"
    file.write_text(
        "from pipelines.catalog.built_in import BUILT_IN\nMODELS = [BUILT_IN[0].model_copy(update={'name': 'mine'})]\n"
    )
    monkeypatch.setenv("NEEDLOOP_CATALOG", str(file))
    assert "mine" in load(Settings(_env_file=None).catalog_file)


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
        load(settings.catalog_file)


def test_an_unknown_model_is_told_the_known_ones(settings):
    with pytest.raises(UnknownModel, match="'mood' is not declared; choose from sentiment, intent"):
        find("mood", load(settings.catalog_file))


@pytest.mark.parametrize("spec", BUILT_IN, ids=lambda spec: spec.name)
def test_a_declaration_survives_json(spec):
    assert ModelSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("said", "what", "zeros"),
    [
        ({"epochs": 0, "adapter": {}}, "adapter", "epochs = 0 and contrast = 0"),
        ({"epochs": 0, "ensemble": {"answer": "average"}}, "ensemble", "epochs = 0"),
        ({"epochs": 0, "contrast": 1, "ensemble": {}}, "ensemble", "epochs = 0"),
        ({"epochs": 0, "adversary": {}}, "adversary", "epochs = 0"),
        ({"epochs": 0, "r_drop": 0.5}, "r_drop", "epochs = 0"),
        ({"epochs": 0, "rate": "found"}, "rate = 'found'", "epochs = 0"),
        ({"r_drop": 0.5, "dropout": 0, "encoder_dropout": 0}, "r_drop", "dropout = 0 and encoder_dropout = 0"),
        ({"adversary": {"size": 0}}, "adversary", "its size = 0"),
        ({"pruning": {}}, "pruning", "its layers = 0 and heads = 0"),
    ],
    ids=str,
)
def test_an_option_that_another_leaves_without_effect_is_refused(said, what, zeros):
    with pytest.raises(ValidationError, match=f"error, {what} has no effect with {zeros}: raise that, or drop {what} "):
        Recipe.model_validate(said)


@pytest.mark.parametrize(
    "said",
    [
        {"epochs": 0, "contrast": 1, "adapter": {}, "ensemble": {"answer": "average"}},
        {"epochs": 0, "augmentation": {"typos": 0.1}, "pretraining": 1, "pruning": {"heads": 0.1}},
        {"r_drop": 0.5, "dropout": 0},
        {"r_drop": 0.5, "encoder_dropout": 0},
    ],
    ids=str,
)
def test_an_option_that_something_else_gives_an_effect_is_not_refused(said):
    assert Recipe.model_validate(said)


def test_all_that_is_without_effect_is_said_at_once():
    with pytest.raises(ValidationError, match=r"adversary has no effect .*; r_drop has no effect "):
        Recipe(epochs=0, adversary=Adversary(), r_drop=1)


@pytest.mark.parametrize("kind", RATES)
def test_an_adapter_learns_at_the_rate_of_its_kind_unless_another_is_declared(kind):
    declared = [Recipe.model_validate({"adapter": {"kind": kind}, **said}) for said in ({}, {"rate": 2e-4})]
    assert [one.rate for one in declared] == [RATES[kind], 2e-4]
    assert [one.continued_rate for one in declared] == [RATES[kind] / 2, RATES[kind] / 2]
    assert [Recipe.model_validate_json(one.model_dump_json()) for one in declared] == declared
    assert Recipe().rate == 2e-4


def test_a_declaration_cannot_be_changed():
    with pytest.raises(ValidationError):
        BUILT_IN[0].name = "other"


def test_a_table_that_belongs_to_no_model_is_refused_and_not_dropped(settings):
    settings.catalog_file.write_text(DECLARATION + '[adapter]\nkind = "lora"\n')
    with pytest.raises(BrokenCatalog, match=r"\[adapter\] belongs to no model; below \[\[model\]\] write"):
        load(settings.catalog_file)


@pytest.mark.parametrize("language", ["", ".zh"])
def test_the_declarations_of_the_guides_can_be_read(settings, language):
    guides = Path(__file__).parents[3] / "docs" / "guides"
    pages = [guides / f"{name}{language}.md" for name in ("declare-a-model", "fine-tuning")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    whole, parts, nested = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    settings.catalog_file.write_text(whole)
    assert load(settings.catalog_file)["tickets"].recipe.epochs == 3
    settings.catalog_file.write_text(whole + parts)
    spec = load(settings.catalog_file)["tickets"]
    assert (spec.slices[0].name, spec.slices[0].required) == ("channel chat", True)
    assert spec.behaviour.opposites == ("delay", "praise")
    settings.catalog_file.write_text(re.sub(r"recipe = .*\n", "", whole) + nested)
    recipe = load(settings.catalog_file)["tickets"].recipe
    assert (recipe.adapter.kind, recipe.ensemble.members, recipe.budget.seconds) == ("lora", 3, 1800)
