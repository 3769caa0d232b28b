"""Published figures over seeds are shown only for the data and the recipe on which they were measured."""

import json

import pytest

from flows.commands.seed_spread import notes
from flows.outcome import Outcome
from pipelines.catalog.built_in import BUILT_IN
from pipelines.evaluation import spread as spreads
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.spread import recipe_digest, spread
from pipelines.promotion.verdict import Verdict
from pipelines.registry.version import ModelVersion

SPEC = next(spec for spec in BUILT_IN if spec.name == "intent")


CARD = Scorecard(474, (Measure("test.macro_f1", 0.63, 0.6, 0.66), Measure("test.accuracy", 0.69, 0.65, 0.73)))


@pytest.fixture
def measured(tmp_path, monkeypatch):
    row = {"model": "intent", "snapshot": "s" * 64, "recipe": recipe_digest(SPEC.recipe), "seeds": list(range(1, 11))}
    row |= {"figures": {"accuracy": [0.684, 0.008], "macro_f1": [0.625, 0.011]}, "command": "python seeds.py"}
    file = tmp_path / "spread.json"
    file.write_text(json.dumps([row]))
    monkeypatch.setattr(spreads, "FILE", file)


def outcome(snapshot="s" * 64, *, reused=False):
    version = ModelVersion("intent", 1, "", "", "", "", snapshot, 1336, 40.0, 0, SPEC.target.names)
    return Outcome("intent", Verdict.PROMOTED, "", 50.0, version, CARD, reused=reused)


def test_a_version_is_placed_among_other_seeds(measured):
    (said,) = notes([outcome()], {"intent": SPEC})
    assert said.startswith("intent 1, trained with seed 7; mean ± standard deviation over 10 seeds: ")
    assert "macro-F1 0.625 ± 0.011 (0.630 here), accuracy 0.684 ± 0.008 (0.690 here)" in said


@pytest.mark.parametrize(
    "other", [outcome("t" * 64), outcome(reused=True), Outcome("intent", Verdict.SKIPPED, "", 0.0)]
)
def test_nothing_is_told_of_other_rows_of_an_older_training_or_of_no_version(measured, other):
    assert notes([other], {"intent": SPEC}) == []


def test_nothing_is_told_of_another_recipe_but_its_seed_is_no_other_recipe(measured):
    assert spread("intent", "s" * 64, SPEC.recipe.model_copy(update={"epochs": 9})) is None
    assert spread("intent", "s" * 64, SPEC.recipe.model_copy(update={"seed": 3})).seeds[0] == 1


def test_what_is_published_is_of_the_recipes_that_are_declared():
    declared = {spec.name: recipe_digest(spec.recipe) for spec in BUILT_IN}
    for row in json.loads(spreads.FILE.read_text()):
        assert row["recipe"] == declared[row["model"]], "measure again: python tests/bench/seeds.py MODEL --publish"
        assert len(row["seeds"]) >= 5
