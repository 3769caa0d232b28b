"""Texts with words hidden in them, drawn anew each time (Devlin and others, 2019; Liu and others, 2019)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from pipelines.training.network.batches import padded

MASKED = 0.15  # of the words; of their pieces 80% become the mask, 10% any token, 10% stay
WORD = 8  # pieces; what is longer is no word but a script without spaces, and its pieces are masked one by one


class NotMaskable(ValueError):
    """A base, or texts, that masked-language learning cannot start from."""


@dataclass(frozen=True)
class Piece:
    """A text as token ids, and to which word each token belongs, -1 to none; both `(tokens,)`."""

    ids: Tensor
    words: Tensor


@dataclass(frozen=True)
class Masked:
    """A batch with masked words: ids and mask `(batch, tokens)`, where to look, and what stood there `(masked,)`."""

    ids: Tensor
    mask: Tensor
    chosen: Tensor
    truth: Tensor


def pieces(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, most: int) -> list[Piece]:
    """The texts that have words, at most `most` tokens of each. Raises NotMaskable."""
    found = tokenizer(list(texts), truncation=True, max_length=most, padding=False)
    read = [Piece(torch.tensor(ids), _words(found.word_ids(at))) for at, ids in enumerate(found["input_ids"])]
    usable = [piece for piece in read if int(piece.words.max()) >= 0]
    if len(usable) < 2:
        raise NotMaskable(f"{len(usable)} texts have words to mask, two are needed; set the recipe's pretraining to 0")
    return usable


def _words(given: Sequence[int | None]) -> Tensor:
    """The word of each token; the pieces of what is too long for one are words of their own."""
    words = torch.tensor([-1 if word is None else word for word in given])
    sizes = torch.bincount(words[words >= 0], minlength=1)
    alone = (words >= 0) & (sizes[words.clamp(min=0)] > WORD)
    return torch.where(alone, len(sizes) + torch.arange(len(words)), words)


def masked(texts: Sequence[Piece], tokenizer: PreTrainedTokenizerBase, draw: torch.Generator) -> Masked:
    """A batch with new masks: whole words, at least one in each text."""
    ids, mask = padded([one.ids for one in texts], tokenizer.pad_token_id or 0)
    words, _ = padded([one.words for one in texts], -1)
    chances = torch.rand(len(texts), int(words.max()) + 1, generator=draw).gather(1, words.clamp(min=0))
    chances = chances.masked_fill(words < 0, 2.0)
    chosen = chances <= chances.min(1, keepdim=True).values.clamp(min=MASKED)
    truth, fate = ids[chosen], torch.rand(int(chosen.sum()), generator=draw)
    other = torch.randint(len(tokenizer), truth.shape, generator=draw)
    changed = torch.where(fate < 0.8, torch.full_like(truth, int(tokenizer.mask_token_id)), other)
    ids[chosen] = torch.where(fate < 0.9, changed, truth)
    return Masked(ids, mask, chosen, truth)
