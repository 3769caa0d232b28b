"""One view of a network for the loop: rows go in, logits come out, whether its lower layers are kept or not."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pipelines.training.distribution.distributed import spread
from pipelines.training.network.batches import in_order, padded
from pipelines.training.network.device import mixed
from pipelines.training.network.encoder import Classifier, pooled
from pipelines.training.network.frozen import lower_states, obstacle, upper_part
from pipelines.training.network.layers import layers

log = logging.getLogger(__name__)
Sharding = Literal["ddp", "fsdp"]


class EncoderWithHead(nn.Module):
    """Encoder and head as one call, which can be wrapped where several processes train: inputs to logits."""

    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, attention_mask: Tensor, **inputs: Tensor) -> Tensor:
        """Logits `(batch, labels)` of token ids (`input_ids`) or of the states of kept layers (`inputs_embeds`)."""
        states = self.model.encoder(**inputs, attention_mask=attention_mask).last_hidden_state
        return self.model.classify(states, attention_mask)


@dataclass(frozen=True)
class Network:
    """A classifier on its device; `layers` of its lower layers are kept out of the computation.

    `precision` is what the forward pass computes in. `engine` answers for the model where several processes train it
    together, in the way `sharding` says.
    """

    model: Classifier
    place: torch.device
    layers: int
    precision: torch.dtype = torch.float32
    sharding: Sharding = "ddp"
    engine: nn.Module | None = None

    def rows(self, ids: Sequence[Tensor]) -> list[Tensor]:
        """What the loop feeds for each text: its ids, or the states of the kept layers."""
        return spread(ids, self._lower) if self.layers else list(ids)

    def _lower(self, ids: Sequence[Tensor]) -> list[Tensor]:
        return lower_states(self.model.encoder, ids, self.layers, self.place, self.precision)

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Within, the network takes what `rows` gave."""
        if not self.layers:
            yield
            return
        with upper_part(self.model.encoder, self.layers):
            yield

    @property
    def entrance(self) -> nn.Module:
        """The module whose output `(batch, tokens, hidden)` enters what learns; asked for within `learning`."""
        module: nn.Module = self.model.encoder.embeddings if self.layers else self.model.encoder.get_input_embeddings()
        return module

    def states(self, rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """The encoder's last states `(batch, tokens, hidden)` and their mask; within `mixed`."""
        inputs, mask = self._inputs(rows)
        return self.model.encoder(**inputs, attention_mask=mask).last_hidden_state, mask

    def _inputs(self, rows: Sequence[Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        batch, mask = padded(rows)
        batch, mask = batch.to(self.place), mask.to(self.place)
        return {"inputs_embeds": batch.float()} if self.layers else {"input_ids": batch}, mask

    def logits(self, rows: Sequence[Tensor]) -> Tensor:
        """`(batch, labels)` in fp32."""
        inputs, mask = self._inputs(rows)
        with mixed(self.place, self.precision):
            answer: Tensor = (self.engine or EncoderWithHead(self.model))(mask, **inputs)
        return answer.float()

    def scored(self, rows: Sequence[Tensor], *, embeddings: bool = False) -> npt.NDArray[np.float32]:
        """Logits, or pooled embeddings, of many rows in their order."""
        self.model.eval()
        found = spread(rows, self._embeddings if embeddings else self._answers)
        return torch.stack(found).numpy()

    def _answers(self, rows: Sequence[Tensor]) -> list[Tensor]:
        return self._in_batches(rows, self.logits)

    def _embeddings(self, rows: Sequence[Tensor]) -> list[Tensor]:
        return self._in_batches(rows, self._pooled)

    def _pooled(self, rows: Sequence[Tensor]) -> Tensor:
        return pooled(*self.states(rows)).float()

    def _in_batches(self, rows: Sequence[Tensor], answer: Callable[[Sequence[Tensor]], Tensor]) -> list[Tensor]:
        outputs: list[Tensor] = [torch.empty(0)] * len(rows)
        # FSDP brings its weights together in place, which inference mode would forbid for ever. One autocast around
        # all batches casts the weights once.
        frozen = torch.no_grad() if self.engine else torch.inference_mode()
        with frozen, mixed(self.place, self.precision):
            for batch in in_order([len(row) for row in rows], 64):
                for index, output in zip(batch, answer([rows[index] for index in batch]).cpu(), strict=True):
                    outputs[index] = output
        return outputs


def network(
    model: Classifier,
    place: torch.device,
    frozen_layers: int,
    precision: torch.dtype = torch.float32,
    sharding: Sharding = "ddp",
) -> Network:
    """The network of a recipe; encoders that cannot be split train whole, and the log says why."""
    model = model.to(place)
    kept, why = _split(model.encoder, frozen_layers)
    if why:
        log.warning("%s trains whole, no layer is kept: %s", type(model.encoder).__name__, why)
    return Network(model, place, kept, precision, sharding)


def kept_layers(encoder: nn.Module, frozen_layers: int) -> int:
    """How many lower layers are kept of those that a recipe freezes; at least one learns."""
    return _split(encoder, frozen_layers)[0]


def _split(encoder: nn.Module, frozen_layers: int) -> tuple[int, str]:
    """How many lower layers are kept, and why none where a recipe asks for some."""
    if not frozen_layers:
        return 0, ""
    kept = min(frozen_layers, len(layers(encoder)[1]) - 1)
    why = obstacle(encoder, kept)
    return (0, why) if why else (kept, "")


def enable_checkpointing(model: Classifier) -> Classifier:
    """The model, which from now on recomputes activations when it needs them (Chen and others, 2016): less memory.

    Raises ValueError where an encoder does not know how.
    """
    model.encoder.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    return model


def trainable_parameters(net: Network) -> int:
    """How many weights learn: those of the head and of what is neither kept nor frozen."""
    with net.learning():
        return sum(weight.numel() for weight in net.model.parameters() if weight.requires_grad)
