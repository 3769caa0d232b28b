"""What a run starts from: a pretrained encoder with a new head, or a champion."""

from pathlib import Path

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.training.adapters.attaching import adapted
from pipelines.training.export.saving import restored
from pipelines.training.network.encoder import Classifier, pretrained
from pipelines.training.network.network import enable_checkpointing
from pipelines.training.optimisation.ensemble import seeds
from pipelines.training.optimisation.learning import outputs
from pipelines.training.pruning.prune import prune


class SingleLabel(ValueError):
    """Rows from which nothing can be told apart."""


def new_models(spec: ModelSpec, train: pd.DataFrame) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """One classifier over the pretrained base for each seed of the recipe, pruned as the rows to learn tell.

    Raises SingleLabel.
    """
    if train["label"].nunique() < 2:
        raise SingleLabel(f"all {len(train)} rows to learn from have one label; bring messages of another label too")
    models = []
    for seed in seeds(spec.recipe):
        torch.manual_seed(seed)
        model, tokenizer = pretrained(spec.base, outputs(spec), spec.recipe.dropout, spec.recipe.encoder_dropout)
        models.append(model)
    prune(models, tokenizer, train, spec)
    return models, tokenizer


def champion_models(folder: Path, spec: ModelSpec) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """The networks of a champion, as they were saved."""
    return restored(folder, outputs(spec), spec.recipe.dropout, spec.recipe.encoder_dropout)


def with_adapters(models: list[Classifier], recipe: Recipe) -> list[Classifier]:
    """The models with their adapters, and recomputing activations if the recipe says so."""
    found = adapted(models, recipe)
    return [enable_checkpointing(model) for model in found] if recipe.checkpointing else found
