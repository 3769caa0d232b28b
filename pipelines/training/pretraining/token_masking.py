"""Random masking of whole words, drawn anew each time (Devlin and others, 2019; Liu and others, 2019)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from pipelines.inference.truncation import HEAD, head_and_tail
from pipelines.training.network.batches import pad_rows

MASKED_SHARE = 0.15  # of the words; of their pieces 80% become the mask, 10% any token, 10% stay
MAX_WORD_PIECES = 8  # a longer word is text in a script without spaces, and its pieces are masked one by one


class NotMaskable(ValueError):
    """The base or the texts cannot be used for masked-language training."""


@dataclass(frozen=True)
class TokenisedText:
    """A text as token ids, and the word number of each token, -1 for none; both `(tokens,)`."""

    ids: Tensor
    words: Tensor


@dataclass(frozen=True)
class MaskedBatch:
    """A batch with masked words: ids and mask `(batch, tokens)`, masked places, and the original ids `(masked,)`."""

    ids: Tensor
    mask: Tensor
    chosen: Tensor
    truth: Tensor


def tokenised_texts(
    texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, max_tokens: int, truncation: str = HEAD
) -> list[TokenisedText]:
    """The texts that have words, at most `max_tokens` tokens of each. Raises NotMaskable."""
    at_head = {"truncation": True, "max_length": max_tokens} if truncation == HEAD else {"verbose": False}
    encoding = tokenizer(list(texts), padding=False, **at_head)
    tokenised = [
        TokenisedText(
            torch.tensor(head_and_tail(ids, max_tokens)),
            _word_numbers(head_and_tail(encoding.word_ids(index), max_tokens)),
        )
        for index, ids in enumerate(encoding["input_ids"])
    ]
    usable = [piece for piece in tokenised if int(piece.words.max()) >= 0]
    if len(usable) < 2:
        raise NotMaskable(
            f"{len(usable)} texts have words to mask, two are needed; add some, or set the recipe's pretraining to 0"
        )
    return usable


def _word_numbers(word_ids: Sequence[int | None]) -> Tensor:
    """Word number of each token; each piece of an overlong word is a word of its own."""
    words = torch.tensor([-1 if word is None else word for word in word_ids])
    sizes = torch.bincount(words[words >= 0], minlength=1)
    alone = (words >= 0) & (sizes[words.clamp(min=0)] > MAX_WORD_PIECES)
    return torch.where(alone, len(sizes) + torch.arange(len(words)), words)


def mask_tokens(
    texts: Sequence[TokenisedText], tokenizer: PreTrainedTokenizerBase, generator: torch.Generator
) -> MaskedBatch:
    """A batch with new masks: whole words, at least one in each text."""
    ids, mask = pad_rows([text.ids for text in texts], tokenizer.pad_token_id or 0)
    words, _ = pad_rows([text.words for text in texts], -1)
    chances = torch.rand(len(texts), int(words.max()) + 1, generator=generator).gather(1, words.clamp(min=0))
    chances = chances.masked_fill(words < 0, 2.0)
    chosen = chances <= chances.min(1, keepdim=True).values.clamp(min=MASKED_SHARE)
    truth, fate = ids[chosen], torch.rand(int(chosen.sum()), generator=generator)
    random_ids = torch.randint(len(tokenizer), truth.shape, generator=generator)
    changed = torch.where(fate < 0.8, torch.full_like(truth, int(tokenizer.mask_token_id)), random_ids)
    ids[chosen] = torch.where(fate < 0.9, changed, truth)
    return MaskedBatch(ids, mask, chosen, truth)
