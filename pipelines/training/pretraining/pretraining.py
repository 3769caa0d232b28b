"""Before any label: the encoder goes on learning masked words of its field's texts (Gururangan and others, 2020)."""

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
from pipelines.training.network.batches import in_order, shuffled
from pipelines.training.network.device import device, precision
from pipelines.training.network.encoder import pretrained
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import Watch
from pipelines.training.optimisation.unsupervised_loop import unsupervised_loop
from pipelines.training.pretraining.masked_language import Learner, masked_model, parts, perplexity
from pipelines.training.pretraining.token_masking import Piece, masked, pieces

log = logging.getLogger(__name__)
RATE = 1e-4


@dataclass(frozen=True)
class Perplexity:
    """Of masked tokens in texts kept back, the same masks before and after; `new_head` began untrained."""

    before: float
    after: float
    texts: int  # learnt from
    new_head: bool

    def figures(self) -> dict[str, float]:
        """By name, as MLflow logs them."""
        return {f"pretraining.{name}": float(value) for name, value in vars(self).items()}


def lesson(train: pd.DataFrame, messages: Iterable[str]) -> list[str]:
    """The distinct texts to learn from: rows that are learnt and messages, never a validation text."""
    held = set(train.loc[train["validation"], "text"])
    learnt = train.loc[~train["validation"], "text"]
    return [text for text in dict.fromkeys([*learnt, *messages]) if text not in held]


def adopted(
    train: pd.DataFrame, messages: Iterable[str], spec: ModelSpec, folder: Path, watch: Watch, meter: Meter
) -> tuple[ModelSpec, Perplexity | None]:
    """The spec and how well its base reads: where its recipe says so the base read the texts first, and need not again.

    Only for a fresh start: a champion would forget what its labels taught it.
    """
    if not spec.recipe.pretraining:
        return spec, None
    found = pretrain(lesson(train, messages), spec.base, spec.recipe, folder, watch, meter)
    recipe = spec.recipe.model_copy(update={"pretraining": 0})
    return spec.model_copy(update={"base": str(folder), "recipe": recipe}), found


def pretrain(texts: Sequence[str], base: str, recipe: Recipe, folder: Path, watch: Watch, meter: Meter) -> Perplexity:
    """Learn masked words of nine tenths of the texts; the encoder in `folder`, in Hugging Face layout.

    The folder is there whole or not at all. Raises NotMaskable, Diverged and OverBudget, and ValueError where the
    recipe wants activations recomputed and the encoder does not know how.
    """
    torch.manual_seed(recipe.seed)
    model, tokenizer, new_head = masked_model(base)
    place = device()
    net = Learner(model.to(place), precision(place, recipe.precision))
    if recipe.checkpointing:
        net.encoder.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    draw = torch.Generator().manual_seed(recipe.seed)
    read = pieces(texts, tokenizer, recipe.max_tokens)
    order = torch.randperm(len(read), generator=draw).tolist()
    tenth = max(1, len(order) // 10)
    kept, learnt = ([read[at] for at in part] for part in (order[:tenth], order[tenth:]))
    held = [masked([kept[at] for at in batch], tokenizer, draw) for batch in in_order(_lengths(kept), 64)]
    before = perplexity(net, held)
    batches = [batch for _ in range(recipe.pretraining) for batch in shuffled(_lengths(learnt), recipe.batch, draw)]

    def losses(batch: list[int]) -> Iterator[Tensor]:
        whole = masked([learnt[at] for at in batch], tokenizer, draw)
        for part in parts(whole, recipe.accumulate):
            yield net.loss(part) * (len(part.truth) / len(whole.truth))  # a mean over masked tokens, not over texts

    unsupervised_loop(net, batches, losses, recipe, RATE, place, net.dtype, watch, meter)
    found = Perplexity(before, perplexity(net, held), len(learnt), new_head)
    log.info("masked words of %d texts: perplexity %.4g, then %.4g", found.texts, found.before, found.after)
    _save(net.encoder, base, folder)
    return found


def _lengths(texts: Sequence[Piece]) -> list[int]:
    return [len(one.ids) for one in texts]


def _save(encoder: nn.Module, base: str, folder: Path) -> None:
    """The base with what its encoder learnt; what a masked-language model leaves out (a pooler) stays the base's."""
    model, tokenizer = pretrained(base, 2, 0.0)
    model.encoder.load_state_dict(encoder.cpu().state_dict(), strict=False)
    half = folder.with_name(f"{folder.name}.part")
    for place in (half, folder):
        shutil.rmtree(place, ignore_errors=True)
    model.encoder.save_pretrained(half)
    tokenizer.save_pretrained(half)
    half.rename(folder)
