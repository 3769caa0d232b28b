"""How a champion learns on: from feedback, some of what it knew, and in small steps."""

import pandas as pd

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec


def with_replay(train: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """What a second cycle learns from: all feedback, and `rehearsal` source rows to each, so that little is forgotten.

    Experience replay (Rolnick et al., 2019). Rows are drawn by the recipe's seed and how much
    feedback there is: a later cycle rehearses others.
    """
    feedback, source = train[train["origin"] == "feedback"], train[train["origin"] == "source"]
    kept = min(len(source), max(round(len(feedback) * spec.recipe.rehearsal), spec.recipe.batch))
    return pd.concat([feedback, source.sample(kept, random_state=spec.recipe.seed + len(feedback))])


def continued_recipe(recipe: Recipe) -> Recipe:
    """How a champion learns on: at half of the rate or less, the head no faster than the body or than at first.

    At the first cycle's rates a champion loses some of what it knew.
    """
    head = min(recipe.again_rate, recipe.head_rate)
    return recipe.model_copy(update={"epochs": recipe.again_epochs, "rate": recipe.again_rate, "head_rate": head})
