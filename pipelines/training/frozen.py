"""Lower layers computed once and kept: what does not learn need not be computed again each epoch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.batches import in_order, padded
from pipelines.training.device import mixed


class Given(nn.Module):
    """Stands in for the embeddings: the states of the lower layers are given."""

    def forward(self, inputs_embeds: Tensor, **_: object) -> Tensor:
        """The states as they came, `(batch, tokens, hidden)`."""
        return inputs_embeds


def can_split(encoder: Any) -> bool:
    """Whether the encoder is built as embeddings and a list of layers, as the BERT family is."""
    return hasattr(encoder, "embeddings") and hasattr(getattr(encoder, "encoder", None), "layer")


@contextmanager
def lower_part(encoder: Any, layers: int) -> Iterator[None]:
    """Within, the encoder ends after its first `layers` layers."""
    whole = encoder.encoder.layer
    encoder.encoder.layer = whole[:layers]
    try:
        yield
    finally:
        encoder.encoder.layer = whole


@contextmanager
def upper_part(encoder: Any, layers: int) -> Iterator[None]:
    """Within, the encoder begins after its first `layers` layers and takes their states as `inputs_embeds`."""
    whole, embeddings = encoder.encoder.layer, encoder.embeddings
    encoder.encoder.layer, encoder.embeddings = whole[layers:], Given()
    try:
        yield
    finally:
        encoder.encoder.layer, encoder.embeddings = whole, embeddings


@torch.inference_mode()
def lower_states(encoder: Any, ids: Sequence[Tensor], layers: int, place: torch.device) -> list[Tensor]:
    """The states after the first `layers` layers, one `(tokens, hidden)` half-precision tensor per text."""
    found: list[Tensor] = [torch.empty(0)] * len(ids)
    encoder.eval()
    with lower_part(encoder, layers), mixed(place):
        for batch in in_order([len(row) for row in ids], 64):
            tokens, mask = padded([ids[index] for index in batch])
            states = encoder(input_ids=tokens.to(place), attention_mask=mask.to(place)).last_hidden_state
            for index, state in zip(batch, states, strict=True):
                found[index] = state[: len(ids[index])].to("cpu", torch.float16, copy=True)
    return found
