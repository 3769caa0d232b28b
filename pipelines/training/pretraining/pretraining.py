"""Domain pretraining: the encoder continues masked-language training on the texts (Gururangan and others, 2020)."""

import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.training.network.batches import batches_by_length, shuffled_batches
from pipelines.training.network.device import choose_device, compute_dtype
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import ProgressCallback
from pipelines.training.optimisation.unsupervised_loop import unsupervised_loop
from pipelines.training.pretraining.masked_language import MaskedLanguageModel, masked_model, perplexity, split_batch
from pipelines.training.pretraining.token_masking import TokenisedText, mask_tokens, tokenised_texts

log = logging.getLogger(__name__)
RATE = 1e-4


@dataclass(frozen=True)
class Perplexity:
    """Perplexity of masked tokens in held-out texts, with equal masks before and after; `new_head` was untrained."""

    before: float
    after: float
    texts: int  # trained on
    new_head: bool

    def figures(self) -> dict[str, float]:
        """MLflow metrics by name."""
        return {f"pretraining.{name}": float(value) for name, value in vars(self).items()}


def pretraining_texts(train: pd.DataFrame, messages: Iterable[str]) -> list[str]:
    """Distinct texts for pretraining: training rows and messages, never a validation text."""
    validation_texts = set(train.loc[train["validation"], "text"])
    train_texts = train.loc[~train["validation"], "text"]
    return [text for text in dict.fromkeys([*train_texts, *messages]) if text not in validation_texts]


def with_pretrained_base(
    train: pd.DataFrame,
    messages: Iterable[str],
    spec: ModelSpec,
    folder: Path,
    progress: ProgressCallback,
    meter: Meter,
) -> tuple[ModelSpec, Perplexity | None]:
    """Pretrain the base if the recipe says so; return the spec that uses it, and the perplexity.

    Only for a new model: a champion would forget what it learned from its labels.
    """
    if not spec.recipe.pretraining:
        return spec, None
    perplexity = pretrain(pretraining_texts(train, messages), spec.base_model, spec.recipe, folder, progress, meter)
    recipe = spec.recipe.model_copy(update={"pretraining": 0})
    return spec.model_copy(update={"base_model": str(folder), "recipe": recipe}), perplexity


def pretrain(
    texts: Sequence[str], base: str, recipe: Recipe, folder: Path, progress: ProgressCallback, meter: Meter
) -> Perplexity:
    """Pretrain on masked words of nine tenths of the texts; write the encoder to `folder` in Hugging Face layout.

    The folder appears complete or not at all. Raises NotMaskable, Diverged and OverBudget, and ValueError where the
    recipe wants activation checkpointing and the encoder does not support it.
    """
    torch.manual_seed(recipe.seed)
    model, tokenizer, new_head = masked_model(base)
    device = choose_device()
    net = MaskedLanguageModel(model.to(device), compute_dtype(device, recipe.precision))
    if recipe.checkpointing:
        net.encoder.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    generator = torch.Generator().manual_seed(recipe.seed)
    tokenised = tokenised_texts(texts, tokenizer, recipe.max_tokens, recipe.truncation)
    order = torch.randperm(len(tokenised), generator=generator).tolist()
    tenth = max(1, len(order) // 10)
    held_texts, train_texts = ([tokenised[index] for index in part] for part in (order[:tenth], order[tenth:]))
    held_batches = [
        mask_tokens([held_texts[index] for index in batch], tokenizer, generator)
        for batch in batches_by_length(_lengths(held_texts), 64)
    ]
    before = perplexity(net, held_batches)
    batches = [
        batch
        for _ in range(recipe.pretraining)
        for batch in shuffled_batches(_lengths(train_texts), recipe.batch, generator)
    ]

    def losses(batch: list[int]) -> Iterator[Tensor]:
        masked = mask_tokens([train_texts[index] for index in batch], tokenizer, generator)
        for part in split_batch(masked, recipe.accumulate):
            yield net.loss(part) * (len(part.truth) / len(masked.truth))  # a mean over masked tokens, not over texts

    unsupervised_loop(net, batches, losses, recipe, RATE, device, net.dtype, progress, meter)
    result = Perplexity(before, perplexity(net, held_batches), len(train_texts), new_head)
    log.info("pretrained on %d texts: perplexity %.4g before, %.4g after", result.texts, result.before, result.after)
    _save(net.encoder, base, folder)
    return result


def _lengths(texts: Sequence[TokenisedText]) -> list[int]:
    return [len(text.ids) for text in texts]


def _save(encoder: nn.Module, base: str, folder: Path) -> None:
    """Save the base with the trained encoder; weights outside the masked-language model (a pooler) stay."""
    model, tokenizer = load_pretrained(base, 2, 0.0)
    model.encoder.load_state_dict(encoder.cpu().state_dict(), strict=False)
    draft = folder.with_name(f"{folder.name}.part")
    for stale in (draft, folder):
        shutil.rmtree(stale, ignore_errors=True)
    model.encoder.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    draft.rename(folder)
