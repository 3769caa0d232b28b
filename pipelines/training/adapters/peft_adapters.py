"""LoRA (Hu and others, 2021), AdaLoRA (Zhang and others, 2023) and IA3 (Liu and others, 2022), by PEFT."""

from typing import Any

import torch
from torch import Tensor, nn

from pipelines.catalog.recipe import Adapter
from pipelines.training.adapters.places import feed_forward_outputs, keys_and_values, linear_maps
from pipelines.training.network.encoder import NoAdapter

NAME = "needloop"
SCALE = 2  # LoRA's alpha over its rank, as is usual


class PeftAdapter(NoAdapter):
    """A PEFT tuner, which has put its own layers into the encoder."""

    def __init__(self, encoder: nn.Module, tuner: Any) -> None:
        self.encoder, self.tuner = encoder, tuner

    def merge(self) -> None:
        """Merge sums and products into plain weights and plain layers."""
        self.tuner.merge_and_unload()


class AdaLoraAdapter(PeftAdapter):
    """AdaLoRA: during training, ranks are taken from the layers that need them least."""

    def penalty(self) -> Tensor | float:
        """Weighted distance of the singular vectors from orthogonality: `mean ||P P' - I||` over the matrices."""
        matrices = [
            (name, matrix)
            for name, matrix in self.encoder.named_parameters()
            if ".lora_A." in name or ".lora_B." in name
        ]
        grams = [matrix @ matrix.T if ".lora_A." in name else matrix.T @ matrix for name, matrix in matrices]
        distances = [torch.linalg.matrix_norm(gram - torch.eye(len(gram), device=gram.device)) for gram in grams]
        return torch.stack(distances).mean() * float(self.settings.orth_reg_weight)

    def after_step(self, step: int, steps: int) -> None:
        """Reduce ranks between the first tenth of the steps and the last three tenths."""
        self.settings.total_step = max(steps, 2)
        self.settings.tinit, self.settings.tfinal = steps // 10, steps * 3 // 10
        self.settings.deltaT = max(1, steps // 50)
        self.tuner.update_and_allocate(step)

    @property
    def settings(self) -> Any:
        """AdaLoRA's configuration, which PEFT reads at each step."""
        return self.tuner.peft_config[NAME]


def lora(encoder: nn.Module, adapter: Adapter, frozen: int) -> PeftAdapter:
    """Add LoRA to every linear map above the first `frozen` layers."""
    from peft import LoraConfig, LoraModel

    config = LoraConfig(
        r=adapter.size, lora_alpha=SCALE * adapter.size, target_modules=list(linear_maps(encoder, frozen))
    )
    return PeftAdapter(encoder, LoraModel(encoder, config, NAME))


def adalora(encoder: nn.Module, adapter: Adapter, frozen: int) -> PeftAdapter:
    """Add AdaLoRA to every linear map above the first `frozen` layers; ranks start at 1.5 times `adapter.size`."""
    from peft import AdaLoraConfig, AdaLoraModel

    start = -(-3 * adapter.size // 2)
    tuner: Any = AdaLoraModel  # PEFT has no types here
    config = AdaLoraConfig(
        init_r=start,
        target_r=adapter.size,
        lora_alpha=SCALE * start,
        total_step=2,  # `after_step` sets it
        target_modules=list(linear_maps(encoder, frozen)),
    )
    return AdaLoraAdapter(encoder, tuner(encoder, config, NAME))


def ia3(encoder: nn.Module, _adapter: Adapter, frozen: int) -> PeftAdapter:
    """Add IA3 factors to keys, values and feed-forward sublayers above the first `frozen` layers."""
    from peft import IA3Config, IA3Model

    inner = list(feed_forward_outputs(encoder, frozen))
    config = IA3Config(target_modules=[*keys_and_values(encoder, frozen), *inner], feedforward_modules=inner)
    return PeftAdapter(encoder, IA3Model(encoder, config, NAME))
