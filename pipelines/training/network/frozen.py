"""Lower layers computed once and kept: what does not learn need not be computed again each epoch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from traceback import format_exception_only
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.network.batches import in_order, padded
from pipelines.training.network.device import mixed
from pipelines.training.network.layers import layers

NEAR = 1e-4  # of the states' norm: rounding moves them by a millionth, DeBERTa's convolution done twice by 3e-3
BREAKS = (RuntimeError, ValueError, LookupError, TypeError, AttributeError, AssertionError, StopIteration)


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


def obstacle(encoder: Any, kept: int) -> str:
    """Why the encoder cannot begin after its first `kept` layers; nothing where it can.

    It is tried: what some families do before or between their layers would be done twice, or left out.
    """
    if not can_split(encoder):
        return "it is not built as embeddings and several layers"
    try:
        moved = _moved(encoder, kept)
    except BREAKS as error:
        return f"its layers do not run apart ({format_exception_only(error)[0].splitlines()[0]})"
    return "" if moved <= NEAR else f"its layers answer otherwise apart (by {moved:.1g} of the states' norm)"


@torch.no_grad()
def _moved(encoder: Any, kept: int) -> float:
    """How far splitting moves the last states of two short texts of unlike length, as a share of their norm."""
    words = encoder.config.vocab_size
    ids = [torch.linspace(words // 2, words - 1, count).long() for count in (7, 4)]
    tokens, mask = (one.to(encoder.device) for one in padded(ids))
    with _as_it_was(encoder):
        whole = encoder(input_ids=tokens, attention_mask=mask).last_hidden_state[mask.bool()]
        states, _ = padded(lower_states(encoder, ids, kept, encoder.device, form=torch.float32))
        with upper_part(encoder, kept):
            given = {"inputs_embeds": states.to(encoder.device), "attention_mask": mask}
            split = encoder(**given).last_hidden_state[mask.bool()]
    return float((split - whole).norm() / whole.norm())


@contextmanager
def _as_it_was(encoder: Any) -> Iterator[None]:
    """Within, the encoder answers without dropout; after, its mode and the random numbers go on from where they were.

    Some families draw lots even when they answer, to hash their tokens.
    """
    learning = encoder.training
    with torch.random.fork_rng(devices=[encoder.device] if encoder.device.type == "cuda" else []):
        try:
            encoder.eval()
            yield
        finally:
            encoder.train(learning)


@torch.no_grad()  # inference mode would follow the tables that some families keep, and forbid to learn with them
def lower_states(
    encoder: Any,
    ids: Sequence[Tensor],
    kept: int,
    place: torch.device,
    precision: torch.dtype = torch.float32,
    form: torch.dtype = torch.float16,
) -> list[Tensor]:
    """The states after the first `kept` layers, one `(tokens, hidden)` tensor per text, computed in `precision`.

    They are taken as they leave the last kept layer: some families normalise once more at the end.
    """
    found: list[Tensor] = [torch.empty(0)] * len(ids)
    encoder.eval()
    with _only(encoder, slice(kept)) as lower, _leaving(lower[-1]) as left, mixed(place, precision):
        for batch in in_order([len(row) for row in ids], 64):
            tokens, mask = padded([ids[index] for index in batch])
            encoder(input_ids=tokens.to(place), attention_mask=mask.to(place))
            for index, state in zip(batch, left.pop(), strict=True):
                found[index] = state[: len(ids[index])].to("cpu", form, copy=True)
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
