"""Declarations of the tiny model, and their catalog."""

import tomli_w

from pipelines.catalog.spec import ModelSpec
from pipelines.workspace.settings import Settings


def declaration(topics: ModelSpec) -> ModelSpec:
    """The tiny model with a replay share and a low threshold for retraining."""
    retraining = topics.retraining.model_copy(update={"feedback": 3})
    return topics.model_copy(update={"replay_share": 0.2, "retraining": retraining})


def demanding(spec: ModelSpec) -> ModelSpec:
    """The same declaration with another seed, and a floor that no version reaches."""
    gate, recipe = spec.gate.model_copy(update={"min_macro_f1": 0.999}), spec.recipe.model_copy(update={"seed": 8})
    return spec.model_copy(update={"gate": gate, "recipe": recipe})


def write_catalog(spec: ModelSpec, settings: Settings, *others: ModelSpec) -> None:
    """Write the declarations into the user's catalog."""
    tables = {"model": [one.model_dump(mode="json", exclude_none=True, by_alias=False) for one in (spec, *others)]}
    settings.catalog_file.write_text(tomli_w.dumps(tables), encoding="utf-8")
