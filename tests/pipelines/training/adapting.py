"""Recipes and training data for tests of adapters."""

import torch

from pipelines.catalog.recipe import Adapter, Recipe
from pipelines.kinds.classification import objective
from pipelines.training.optimisation.training_objective import Examples
from tests.conftest import SUBJECTS, small_rows

CPU = torch.device("cpu")
ROWS = small_rows(180)


def recipe(kind, **other):
    return Recipe(adapter=Adapter(kind=kind, size=2), **{"epochs": 2, "batch": 8, **other})


def examples(rows, part):
    labels = torch.tensor([list(SUBJECTS).index(label) for _, label in ROWS[part]])
    return Examples(rows[part], labels, torch.ones(len(labels)), objective)
