"""LoRA (Hu and others, 2021), AdaLoRA (Zhang and others, 2023) and IA3 (Liu and others, 2022), by PEFT."""

from typing import Any

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Adapter
from pipelines.training.adapters.attached import Attached
from pipelines.training.adapters.places import feed_forward_outputs, keys_and_values, linears

NAME = "needloop"
SCALE = 2  # LoRA's alpha over its rank, as is usual


class Tuned(Attached):
    """A tuner of PEFT, which has put its own layers into the encoder."""

    def __init__(self, encoder: nn.Module, tuner: Any) -> None:
        self.encoder, self.tuner = encoder, tuner

    def merge(self) -> None:
        """The encoder has the sums and products as plain weights, and plain layers."""
        self.tuner.merge_and_unload()


class Allotted(Tuned):
    """AdaLoRA: ranks are taken from the layers that need them least while it learns."""

    def penalty(self) -> Tensor | float:
        """How far the singular vectors are from orthogonal, weighted: `mean ||P P' - I||` over the matrices."""
        found = [
            (name, one) for name, one in self.encoder.named_parameters() if ".lora_A." in name or ".lora_B." in name
        ]
        grams = [one @ one.T if ".lora_A." in name else one.T @ one for name, one in found]
        far = [torch.linalg.matrix_norm(gram - torch.eye(len(gram), device=gram.device)) for gram in grams]
        return torch.stack(far).mean() * float(self.settings.orth_reg_weight)

    def after_step(self, step: int, steps: int) -> None:
        """Ranks go between the first tenth of the steps and the last three; then what is left goes on learning."""
        self.settings.total_step = max(steps, 2)
        self.settings.tinit, self.settings.tfinal = steps // 10, steps * 3 // 10
        self.settings.deltaT = max(1, steps // 50)
        self.tuner.update_and_allocate(step)

    @property
    def settings(self) -> Any:
        """AdaLoRA's own, read by PEFT at each step."""
        return self.tuner.peft_config[NAME]


def lora(encoder: nn.Module, adapter: Adapter, kept: int) -> Tuned:
    """LoRA of every linear map above the first `kept` layers."""
    from peft import LoraConfig, LoraModel

    config = LoraConfig(r=adapter.size, lora_alpha=SCALE * adapter.size, target_modules=list(linears(encoder, kept)))
    return Tuned(encoder, LoraModel(encoder, config, NAME))


def adalora(encoder: nn.Module, adapter: Adapter, kept: int) -> Tuned:
    """AdaLoRA of every linear map above the first `kept` layers, from half as much again to the rank asked for."""
    from peft import AdaLoraConfig, AdaLoraModel

    start = -(-3 * adapter.size // 2)
    tuner: Any = AdaLoraModel  # it has no types
    config = AdaLoraConfig(
        init_r=start,
        target_r=adapter.size,
        lora_alpha=SCALE * start,
        total_step=2,  # the loop says how many
        target_modules=list(linears(encoder, kept)),
    )
    return Allotted(encoder, tuner(encoder, config, NAME))


def ia3(encoder: nn.Module, _adapter: Adapter, kept: int) -> Tuned:
    """Factors on keys, on values and within the feed-forward sublayers above the first `kept` layers."""
    from peft import IA3Config, IA3Model

    inner = list(feed_forward_outputs(encoder, kept))
    config = IA3Config(target_modules=[*keys_and_values(encoder, kept), *inner], feedforward_modules=inner)
    return Tuned(encoder, IA3Model(encoder, config, NAME))
