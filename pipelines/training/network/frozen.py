"""Frozen lower layers: their states are computed once and cached instead of in every epoch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from traceback import format_exception_only
from typing import Any

import torch
from torch import Tensor, nn

from pipelines.training.network.batches import batches_by_length, pad_rows
from pipelines.training.network.device import mixed_precision
from pipelines.training.network.layers import layers

TOLERANCE = 1e-4  # of the states' norm: rounding moves them by a millionth, DeBERTa's convolution done twice by 3e-3
FORWARD_ERRORS = (RuntimeError, ValueError, LookupError, TypeError, AttributeError, AssertionError, StopIteration)


class PassThrough(nn.Module):
    """Replacement for the embeddings: passes on the cached states of the lower layers."""

    def forward(self, *args: object, **kwargs: object) -> Tensor:
        """The states as given, `(batch, tokens, hidden)`; families pass them by different names or none."""
        return next(value for value in (*args, *kwargs.values()) if isinstance(value, Tensor) and value.ndim == 3)


def can_split(encoder: Any) -> bool:
    """True if the encoder consists of embeddings and a list of layers, as BERT and its relatives do.

    Some ELECTRAs widen the embeddings before the first layer, and train whole.
    """
    has_parts = isinstance(getattr(encoder, "embeddings", None), nn.Module) and len(layers(encoder)[1]) > 1
    return has_parts and not hasattr(encoder, "embeddings_project")


@contextmanager
def _layer_slice(encoder: Any, part: slice) -> Iterator[nn.ModuleList]:
    """Within, the encoder has this slice of its layers only."""
    path, all_layers = layers(encoder)
    owner, _, name = path.rpartition(".")
    setattr(encoder.get_submodule(owner), name, all_layers[part])
    try:
        yield all_layers[part]
    finally:
        setattr(encoder.get_submodule(owner), name, all_layers)


@contextmanager
def upper_layers(encoder: Any, frozen: int) -> Iterator[None]:
    """Within, the encoder starts after its first `frozen` layers and takes their states as `inputs_embeds`."""
    embeddings = encoder.embeddings
    encoder.embeddings = PassThrough()
    try:
        with _layer_slice(encoder, slice(frozen, None)):
            yield
    finally:
        encoder.embeddings = embeddings


def split_obstacle(encoder: Any, frozen: int) -> str:
    """Reason why the encoder cannot start after its first `frozen` layers; empty if it can.

    The split is tried: some families do work before or between their layers that would be repeated or left out.
    """
    if not can_split(encoder):
        return "it is not built of embeddings and several layers"
    try:
        change = _change_by_split(encoder, frozen)
    except FORWARD_ERRORS as error:
        return f"its layers do not run separately ({format_exception_only(error)[0].splitlines()[0]})"
    return (
        ""
        if change <= TOLERANCE
        else f"its layers compute other states separately (by {change:.1g} of the states' norm)"
    )


@torch.no_grad()
def _change_by_split(encoder: Any, frozen: int) -> float:
    """Change of the last states of two short texts of unlike length by splitting, as a share of their norm."""
    vocabulary_size = encoder.config.vocab_size
    ids = [torch.linspace(vocabulary_size // 2, vocabulary_size - 1, count).long() for count in (7, 4)]
    tokens, mask = (tensor.to(encoder.device) for tensor in pad_rows(ids))
    with _inference_mode(encoder):
        whole = encoder(input_ids=tokens, attention_mask=mask).last_hidden_state[mask.bool()]
        states, _ = pad_rows(lower_states(encoder, ids, frozen, encoder.device, storage_dtype=torch.float32))
        with upper_layers(encoder, frozen):
            inputs = {"inputs_embeds": states.to(encoder.device), "attention_mask": mask}
            split = encoder(**inputs).last_hidden_state[mask.bool()]
    return float((split - whole).norm() / whole.norm())


@contextmanager
def _inference_mode(encoder: Any) -> Iterator[None]:
    """Within, the encoder runs without dropout; afterwards its mode and the random numbers are restored.

    Some families use random numbers in inference too, to hash their tokens.
    """
    training = encoder.training
    with torch.random.fork_rng(devices=[encoder.device] if encoder.device.type == "cuda" else []):
        try:
            encoder.eval()
            yield
        finally:
            encoder.train(training)


@torch.no_grad()  # not inference mode: tables that some families cache in it could not be trained with
def lower_states(
    encoder: Any,
    ids: Sequence[Tensor],
    frozen: int,
    device: torch.device,
    precision: torch.dtype = torch.float32,
    storage_dtype: torch.dtype = torch.float16,
) -> list[Tensor]:
    """States after the first `frozen` layers, one `(tokens, hidden)` tensor per text, computed in `precision`.

    They are taken as they leave the last of them: some families normalise once more at the end. They are stored in
    `storage_dtype`.
    """
    states: list[Tensor] = [torch.empty(0)] * len(ids)
    encoder.eval()
    with (
        _layer_slice(encoder, slice(frozen)) as lower,
        _capture_output(lower[-1]) as outputs,
        mixed_precision(device, precision),
    ):
        for batch in batches_by_length([len(row) for row in ids], 64):
            tokens, mask = pad_rows([ids[index] for index in batch])
            encoder(input_ids=tokens.to(device), attention_mask=mask.to(device))
            for index, row in zip(batch, outputs.pop(), strict=True):
                states[index] = row[: len(ids[index])].to("cpu", storage_dtype, copy=True)
    return states


@contextmanager
def _capture_output(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Within, the output of a layer is appended to the list; some layers return a tuple that begins with the states."""
    outputs: list[Tensor] = []

    def append(_module: nn.Module, _inputs: object, output: Any) -> None:
        outputs.append(output[0] if isinstance(output, tuple) else output)

    hook = layer.register_forward_hook(append)
    try:
        yield outputs
    finally:
        hook.remove()
