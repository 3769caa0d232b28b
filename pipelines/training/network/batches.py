"""Batches of texts of like length, padded to the longest text of the batch: little work is spent on padding."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedTokenizerBase

from pipelines.inference.truncation import HEAD, head_and_tail


def tokenise(
    texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, max_tokens: int, truncation: str = HEAD
) -> list[Tensor]:
    """Token ids of each text, one `(tokens,)` tensor per text, truncated, without padding."""
    if truncation == HEAD:
        ids = tokenizer(list(texts), truncation=True, max_length=max_tokens, padding=False)["input_ids"]
        return [torch.tensor(row) for row in ids]
    whole = tokenizer(list(texts), truncation=False, padding=False, verbose=False)["input_ids"]
    return [torch.tensor(head_and_tail(row, max_tokens)) for row in whole]


def pad_rows(rows: Sequence[Tensor], padding: float = 0) -> tuple[Tensor, Tensor]:
    """Pad rows `(tokens, ...)` to `(batch, tokens, ...)`; also return the mask `(batch, tokens)` of real tokens."""
    lengths = torch.tensor([len(row) for row in rows])
    mask = torch.arange(int(lengths.max())).unsqueeze(0) < lengths.unsqueeze(1)
    return pad_sequence(list(rows), batch_first=True, padding_value=padding), mask.long()


def batches_by_length(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Batches of row indices, longest rows first, for scoring."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    return (order[start : start + size] for start in range(0, len(order), size))


def shuffled_batches(lengths: Sequence[int], size: int, generator: torch.Generator) -> list[list[int]]:
    """One epoch of batches in random order: rows are shuffled, then sorted by length within pools of 50 batches."""
    order: list[int] = torch.randperm(len(lengths), generator=generator).tolist()
    pool = size * 50
    grouped = [
        sorted(order[start : start + pool], key=lambda index: lengths[index]) for start in range(0, len(order), pool)
    ]
    flat = [index for group in grouped for index in group]
    batches = [flat[start : start + size] for start in range(0, len(flat), size)]
    return [batches[index] for index in torch.randperm(len(batches), generator=generator).tolist()]
