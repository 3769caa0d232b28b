"""One view of a network for the loop: rows go in, logits come out, whether its lower layers are kept or not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pipelines.training.batches import in_order, padded
from pipelines.training.device import mixed
from pipelines.training.encoder import Classifier, pooled
from pipelines.training.frozen import can_split, lower_states, upper_part
from pipelines.training.pruning.layers import layers


@dataclass(frozen=True)
class Network:
    """A classifier on its device; `layers` of its lower layers are kept out of the computation."""

    model: Classifier
    place: torch.device
    layers: int

    def rows(self, ids: Sequence[Tensor]) -> list[Tensor]:
        """What the loop feeds for each text: its ids, or the states of the kept layers."""
        return lower_states(self.model.encoder, ids, self.layers, self.place) if self.layers else list(ids)

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
        """The encoder's last states `(batch, tokens, hidden)` and their mask, in the device's precision."""
        batch, mask = padded(rows)
        batch, mask = batch.to(self.place), mask.to(self.place)
        inputs = {"inputs_embeds": batch.float()} if self.layers else {"input_ids": batch}
        return self.model.encoder(**inputs, attention_mask=mask).last_hidden_state, mask

    def logits(self, rows: Sequence[Tensor]) -> Tensor:
        """`(batch, labels)` in fp32."""
        with mixed(self.place):
            return self.model.classify(*self.states(rows)).float()

    @torch.inference_mode()
    def scored(self, rows: Sequence[Tensor], *, embeddings: bool = False) -> npt.NDArray[np.float32]:
        """Logits, or pooled embeddings, of many rows in their order."""
        self.model.eval()
        outputs: list[Tensor] = [torch.empty(0)] * len(rows)
        for batch in in_order([len(row) for row in rows], 64):
            chosen = [rows[index] for index in batch]
            with mixed(self.place):
                found = pooled(*self.states(chosen)) if embeddings else self.logits(chosen)
            for index, output in zip(batch, found.float().cpu(), strict=True):
                outputs[index] = output
        return torch.stack(outputs).numpy()


def network(model: Classifier, place: torch.device, frozen_layers: int) -> Network:
    """The network of a recipe; encoders that cannot be split train whole."""
    return Network(model.to(place), place, kept_layers(model.encoder, frozen_layers))


def kept_layers(encoder: nn.Module, frozen_layers: int) -> int:
    """How many lower layers are kept of those that a recipe freezes; at least one learns."""
    return max(0, min(frozen_layers, len(layers(encoder)[1]) - 1)) if can_split(encoder) else 0


def learning_weights(net: Network) -> int:
    """How many weights learn: those of the head and of what is neither kept nor frozen."""
    with net.learning():
        return sum(weight.numel() for weight in net.model.parameters() if weight.requires_grad)
