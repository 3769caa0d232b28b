"""Retraining of a champion: experience replay and a gentler recipe."""

import pandas as pd

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec


def with_replay(train: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """Rows of a retraining: all feedback, and `rehearsal` source rows for each, so that the model forgets little.

    Experience replay (Rolnick et al., 2019). Rows are drawn by the recipe's seed and the amount of feedback, so that a
    later retraining draws others.
    """
    feedback, source = train[train["origin"] == "feedback"], train[train["origin"] == "source"]
    count = min(len(source), max(round(len(feedback) * spec.recipe.rehearsal), spec.recipe.batch))
    return pd.concat([feedback, source.sample(count, random_state=spec.recipe.seed + len(feedback))])


def continued_recipe(recipe: Recipe) -> Recipe:
    """Recipe for a champion that learns on: lower rates; the head no faster than the encoder or than at first.

    At the first training's rates a champion loses some of what it knew.
    """
    head = min(recipe.continued_rate, recipe.head_rate)
    return recipe.model_copy(
        update={"epochs": recipe.continued_epochs, "rate": recipe.continued_rate, "head_rate": head}
    )
