"""Network for the training loop: rows in, logits out, with or without cached lower layers."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pipelines.training.distribution.distributed import distribute
from pipelines.training.network.batches import batches_by_length, pad_rows
from pipelines.training.network.device import mixed_precision
from pipelines.training.network.encoder import Classifier, EncoderWithHead, mean_pool
from pipelines.training.network.frozen import lower_states, split_obstacle, upper_layers
from pipelines.training.network.layers import layers

log = logging.getLogger(__name__)
Sharding = Literal["ddp", "fsdp"]


@dataclass(frozen=True)
class Network:
    """A classifier on its device; the states of its `frozen_layers` lower layers are cached, not computed.

    `precision` is the data type of the forward pass. `parallel_model` is the wrapped model where several processes
    train it together, in the way `sharding` says.
    """

    model: Classifier
    device: torch.device
    frozen_layers: int
    precision: torch.dtype = torch.float32
    sharding: Sharding = "ddp"
    parallel_model: nn.Module | None = None

    def prepare(self, ids: Sequence[Tensor]) -> list[Tensor]:
        """Training rows of token ids: the ids themselves, or the cached states of the frozen layers."""
        return distribute(ids, self._lower_states) if self.frozen_layers else list(ids)

    def _lower_states(self, ids: Sequence[Tensor]) -> list[Tensor]:
        return lower_states(self.model.encoder, ids, self.frozen_layers, self.device, self.precision)

    @contextmanager
    def trainable_part(self) -> Iterator[None]:
        """Within, the network takes rows from `prepare`."""
        if not self.frozen_layers:
            yield
            return
        with upper_layers(self.model.encoder, self.frozen_layers):
            yield

    @property
    def input_module(self) -> nn.Module:
        """Module whose output `(batch, tokens, hidden)` enters the trainable part; valid within `trainable_part`."""
        module: nn.Module = (
            self.model.encoder.embeddings if self.frozen_layers else self.model.encoder.get_input_embeddings()
        )
        return module

    def states(self, rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """The encoder's last states `(batch, tokens, hidden)` and their mask; call it within `mixed_precision`."""
        inputs, mask = self._inputs(rows)
        return self.model.encoder(**inputs, attention_mask=mask).last_hidden_state, mask

    def _inputs(self, rows: Sequence[Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        batch, mask = pad_rows(rows)
        batch, mask = batch.to(self.device), mask.to(self.device)
        return {"inputs_embeds": batch.float()} if self.frozen_layers else {"input_ids": batch}, mask

    def logits(self, rows: Sequence[Tensor]) -> Tensor:
        """Logits `(batch, labels)` in fp32."""
        inputs, mask = self._inputs(rows)
        with mixed_precision(self.device, self.precision):
            logits: Tensor = (self.parallel_model or EncoderWithHead(self.model))(mask, **inputs)
        return logits.float()

    def predict(self, rows: Sequence[Tensor], *, embeddings: bool = False) -> npt.NDArray[np.float32]:
        """Logits, or pooled embeddings, `(rows, ...)` of many rows in their order."""
        self.model.eval()
        outputs = distribute(rows, self._embeddings if embeddings else self._logits)
        return torch.stack(outputs).numpy()

    def _logits(self, rows: Sequence[Tensor]) -> list[Tensor]:
        return self._in_batches(rows, self.logits)

    def _embeddings(self, rows: Sequence[Tensor]) -> list[Tensor]:
        return self._in_batches(rows, self._pool)

    def _pool(self, rows: Sequence[Tensor]) -> Tensor:
        return mean_pool(*self.states(rows)).float()

    def _in_batches(self, rows: Sequence[Tensor], compute: Callable[[Sequence[Tensor]], Tensor]) -> list[Tensor]:
        outputs: list[Tensor] = [torch.empty(0)] * len(rows)
        # FSDP gathers its weights in place, which inference mode would forbid from then on. One autocast around all
        # batches casts the weights once.
        no_gradient = torch.no_grad() if self.parallel_model else torch.inference_mode()
        with no_gradient, mixed_precision(self.device, self.precision):
            for batch in batches_by_length([len(row) for row in rows], 64):
                for index, output in zip(batch, compute([rows[index] for index in batch]).cpu(), strict=True):
                    outputs[index] = output
        return outputs


def make_network(
    model: Classifier,
    device: torch.device,
    frozen_layers: int,
    precision: torch.dtype = torch.float32,
    sharding: Sharding = "ddp",
) -> Network:
    """Network of a recipe; an encoder that cannot be split trains whole, and the log says why."""
    model = model.to(device)
    frozen, obstacle = _split_point(model.encoder, frozen_layers)
    if obstacle:
        log.warning("%s trains whole, no layer is cached: %s", type(model.encoder).__name__, obstacle)
    return Network(model, device, frozen, precision, sharding)


def frozen_layer_count(encoder: nn.Module, frozen_layers: int) -> int:
    """Number of cached lower layers where a recipe freezes `frozen_layers`; at least one layer learns."""
    return _split_point(encoder, frozen_layers)[0]


def _split_point(encoder: nn.Module, frozen_layers: int) -> tuple[int, str]:
    """Number of cached lower layers, and the reason why there are none where a recipe asks for some."""
    if not frozen_layers:
        return 0, ""
    frozen = min(frozen_layers, len(layers(encoder)[1]) - 1)
    obstacle = split_obstacle(encoder, frozen)
    return (0, obstacle) if obstacle else (frozen, "")


def trainable_parameters(net: Network) -> int:
    """Number of trainable weights: the head's, and those neither cached nor frozen."""
    with net.trainable_part():
        return sum(weight.numel() for weight in net.model.parameters() if weight.requires_grad)
