"""Initial networks of a run: a pretrained encoder with a new head, or a champion."""

from pathlib import Path

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.training.adapters.attaching import attach_adapters
from pipelines.training.export.saving import load_weights
from pipelines.training.network.encoder import Classifier, enable_checkpointing, load_pretrained
from pipelines.training.network.encoder_files import readable_tokens
from pipelines.training.optimisation.ensemble import seeds
from pipelines.training.optimisation.learning import output_count
from pipelines.training.pruning.prune import prune


class TooManyTokens(ValueError):
    """The recipe wants more tokens of a text than the encoder reads."""


class SingleLabel(ValueError):
    """The training rows have one label only."""


def new_models(spec: ModelSpec, train: pd.DataFrame) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """One classifier over the pretrained base for each seed of the recipe, pruned as the recipe says.

    Raises SingleLabel and TooManyTokens.
    """
    if train["label"].nunique() < 2:
        raise SingleLabel(f"all {len(train)} training rows have one label; add messages of another label")
    models = []
    for seed in seeds(spec.recipe):
        torch.manual_seed(seed)
        model, tokenizer = load_pretrained(
            spec.base_model, output_count(spec), spec.recipe.dropout, spec.recipe.encoder_dropout
        )
        models.append(model)
    _require_positions(models[0], spec)
    prune(models, tokenizer, train, spec)
    return models, tokenizer


def _require_positions(model: Classifier, spec: ModelSpec) -> None:
    limit = readable_tokens(model.encoder.config.to_dict())
    if limit is not None and spec.recipe.max_tokens > limit:
        raise TooManyTokens(
            f"the encoder {spec.base_model!r} reads at most {limit} tokens of a text: set recipe.max_tokens of "
            f"{spec.name!r} to at most {limit}"
        )


def champion_models(folder: Path, spec: ModelSpec) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """Networks of a champion, as saved."""
    return load_weights(folder, output_count(spec), spec.recipe.dropout, spec.recipe.encoder_dropout)


def with_adapters(models: list[Classifier], recipe: Recipe) -> list[Classifier]:
    """Attach the recipe's adapters, and enable activation checkpointing if the recipe asks for it."""
    adapted = attach_adapters(models, recipe)
    return [enable_checkpointing(model) for model in adapted] if recipe.checkpointing else adapted
