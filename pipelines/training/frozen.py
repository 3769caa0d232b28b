"""Lower layers computed once and kept: what does not learn need not be computed again each epoch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.batches import in_order, padded
from pipelines.training.device import mixed
from pipelines.training.layers import layers


class Given(nn.Module):
    """Stands in for the embeddings: the states of the lower layers are given."""

    def forward(self, *given: object, **named: object) -> Tensor:
        """The states as they came, `(batch, tokens, hidden)`; families pass them by different names or none."""
        return next(one for one in (*given, *named.values()) if isinstance(one, Tensor) and one.ndim == 3)


def can_split(encoder: Any) -> bool:
    """Whether the encoder is built as embeddings and a list of layers, as BERT and its relatives are.

    Some ELECTRAs widen the embeddings before the first layer, and train whole.
    """
    apart = isinstance(getattr(encoder, "embeddings", None), nn.Module) and len(layers(encoder)[1]) > 1
    return apart and not hasattr(encoder, "embeddings_project")


@contextmanager
def _only(encoder: Any, part: slice) -> Iterator[nn.ModuleList]:
    """Within, the encoder has only these of its layers."""
    path, whole = layers(encoder)
    owner, _, name = path.rpartition(".")
    setattr(encoder.get_submodule(owner), name, whole[part])
    try:
        yield whole[part]
    finally:
        setattr(encoder.get_submodule(owner), name, whole)


@contextmanager
def upper_part(encoder: Any, kept: int) -> Iterator[None]:
    """Within, the encoder begins after its first `kept` layers and takes their states as `inputs_embeds`."""
    embeddings = encoder.embeddings
    encoder.embeddings = Given()
    try:
        with _only(encoder, slice(kept, None)):
            yield
    finally:
        encoder.embeddings = embeddings


@torch.inference_mode()
def lower_states(
    encoder: Any, ids: Sequence[Tensor], kept: int, place: torch.device, precision: torch.dtype = torch.float32
) -> list[Tensor]:
    """The states after the first `kept` layers, one `(tokens, hidden)` half-precision tensor per text.

    They are taken as they leave the last kept layer: some families normalise once more at the end.
    """
    found: list[Tensor] = [torch.empty(0)] * len(ids)
    encoder.eval()
    with _only(encoder, slice(kept)) as lower, _leaving(lower[-1]) as left, mixed(place, precision):
        for batch in in_order([len(row) for row in ids], 64):
            tokens, mask = padded([ids[index] for index in batch])
            encoder(input_ids=tokens.to(place), attention_mask=mask.to(place))
            for index, state in zip(batch, left.pop(), strict=True):
                found[index] = state[: len(ids[index])].to("cpu", torch.float16, copy=True)
    return found


@contextmanager
def _leaving(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Within, what leaves a layer is put into the list; some layers give a tuple that begins with the states."""
    left: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: Any) -> None:
        left.append(output[0] if isinstance(output, tuple) else output)

    hook = layer.register_forward_hook(keep)
    try:
        yield left
    finally:
        hook.remove()
