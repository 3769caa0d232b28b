import optuna
import pytest

from pipelines.catalog.recipe import Adversary, Pruning, Recipe
from pipelines.training.network.encoder import EncoderNotFound
from pipelines.tuning.space import fit_to_backbone, make_space
from pipelines.tuning.study import distributions


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(epochs=3, frozen_layers=1, batch=16, rate=1e-3),
        Recipe(epochs=9, batch=48, rate=2e-3, dropout=0.25, adversary=Adversary(kind="pgd"), frozen_layers=0),
    ],
    ids=["inside", "outside the plain space"],
)
def test_the_declared_recipe_lies_in_the_space(topics, recipe):
    spec = topics.model_copy(update={"recipe": recipe})
    space = make_space(spec)
    point = space.point(space.backbones[0], recipe)
    assert space.recipe(point, recipe) == (space.backbones[0], fit_to_backbone(space.backbones[0], recipe))
    ranges = distributions(space)
    assert point.keys() == ranges.keys()
    assert all(ranges[name]._contains(ranges[name].to_internal_repr(value)) for name, value in point.items())


def test_there_are_always_two_backbones(topics):
    default = make_space(topics).backbones
    assert [(one.base, one.pruned) for one in default] == [
        (topics.base_model, 0),
        ("minilm", 0),
        (topics.base_model, 1),
    ]
    assert [one.pruned for one in make_space(topics, (topics.base_model,)).backbones] == [0, 1]
    assert [one.base for one in make_space(topics, ("minilm",)).backbones] == [topics.base_model, "minilm"]


def test_every_proposal_fits_its_backbone(topics):
    space = make_space(topics)
    for number in range(50):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=number))
        backbone, recipe = space.recipe(study.ask(distributions(space)).params, topics.recipe)
        assert recipe.frozen_layers < backbone.remaining_layers
        assert recipe.pruning == (Pruning(layers=backbone.pruned) if backbone.pruned else None)
        assert (recipe.seed, recipe.head_rate) == (topics.recipe.seed, topics.recipe.head_rate)
        Recipe.model_validate(recipe.model_dump())


@pytest.mark.parametrize(
    "recipe", [Recipe(epochs=0), Recipe(r_drop=1.0, dropout=0.2, encoder_dropout=0)], ids=["still", "two passes"]
)
def test_no_proposal_is_one_that_a_declaration_would_refuse(topics, recipe):
    space = make_space(topics.model_copy(update={"recipe": recipe}))
    point = space.point(space.backbones[0], recipe)
    for adversary in range(len(space.adversary)):
        for dropout in range(len(space.dropout)):
            drawn = space.recipe(point | {"adversary": adversary, "dropout": dropout}, recipe)[1]
            assert Recipe.model_validate(drawn.model_dump()) == drawn


def test_a_base_that_is_not_there_is_named(topics):
    with pytest.raises(EncoderNotFound, match="nowhere"):
        make_space(topics, ("/nowhere/at-all",))
