"""Prefix tuning (Li and Liang, 2021) of encoders: trained keys and values precede those of every text.

PEFT passes its prefix as a decoder's cache, which only BERT's nearest relatives take: DistilBERT, ModernBERT and others
have no cache. So PEFT's encoder makes the prefix, and an attention function of this module inserts it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from pipelines.training.adapters.places import AdapterNotSupported, keys_and_values

ATTENTION = "prefixed"


class Prefix(nn.Module):
    """`size` keys and values of `width` numbers each, for all heads of one layer."""

    def __init__(self, width: int, size: int) -> None:
        from peft import PrefixEncoder, PrefixTuningConfig  # 2 s, needed only where a recipe has an adapter

        super().__init__()
        self.width, self.size = width, size
        config = PrefixTuningConfig(
            num_virtual_tokens=size, token_dim=width, num_layers=1, encoder_hidden_size=width, prefix_projection=False
        )
        untyped: Any = PrefixEncoder
        self.made = untyped(config)
        self.register_buffer("numbers", torch.arange(size), persistent=False)

    def forward(self, key: Tensor, value: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
        """Keys and values `(batch, heads, tokens, width / heads)` and their mask, each with the prefix in front."""
        prefix = self.made(self.numbers).to(key.dtype).view(self.size, 2, key.shape[1], -1).permute(1, 2, 0, 3)
        prefix = prefix.unsqueeze(1).expand(-1, key.shape[0], -1, -1, -1)
        key, value = torch.cat([prefix[0], key], dim=2), torch.cat([prefix[1], value], dim=2)
        if mask is None:
            return key, value, None
        shape = (*mask.shape[:-1], self.size)
        visible = mask.new_ones(shape) if mask.dtype is torch.bool else mask.new_zeros(shape)
        return key, value, torch.cat([visible, mask], dim=-1)


def attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> Any:
    """Scaled dot-product attention, which includes the module's prefix if it has one."""
    prefix = getattr(module, "prefix", None)
    if prefix is not None:
        key, value, attention_mask = prefix(key, value, attention_mask)
    return sdpa_attention_forward(module, query, key, value, attention_mask, **options)


def insert_prefix(encoder: Any, attention: nn.Module, prefix: Prefix) -> None:
    """Set the prefix of a layer's attention. Raises AdapterNotSupported for an encoder with its own attention."""
    if not encoder._supports_attention_backend:
        raise AdapterNotSupported(
            f"{type(encoder).__name__} has its own attention function, which takes no prefix; "
            "choose the adapter lora, adalora, ia3 or bottleneck"
        )
    AttentionInterface.register(ATTENTION, attend)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    encoder.set_attn_implementation(ATTENTION)
    attention.prefix = prefix


def add_prefixes(encoder: Any, size: int, frozen: int) -> None:
    """Insert a prefix in each layer above the first `frozen`, initialised with keys and values of random words."""
    initial = _random_words(encoder, keys_and_values(encoder, frozen), size)
    for name, states in initial.items():
        prefix = Prefix(states.shape[1] // 2, size)
        prefix.made.load_prompt_embeddings(states)
        insert_prefix(encoder, encoder.get_submodule(name), prefix)


@torch.no_grad()
def _random_words(encoder: Any, maps: dict[str, nn.Linear], size: int) -> dict[str, Tensor]:
    """Keys and values side by side, `(size, 2 * width)`, by the name of the attention that makes them."""
    outputs: dict[str, Tensor] = {}
    hooks = [module.register_forward_hook(_record_output(outputs, name)) for name, module in maps.items()]
    words = torch.randint(encoder.config.vocab_size, (1, size), device=encoder.device)
    encoder.eval()(input_ids=words, attention_mask=torch.ones_like(words))
    for hook in hooks:
        hook.remove()
    owners = dict.fromkeys(name.rpartition(".")[0] for name in maps)
    return {
        owner: _key_and_value([outputs[name] for name in maps if name.rpartition(".")[0] == owner]) for owner in owners
    }


def _record_output(outputs: dict[str, Tensor], name: str) -> Callable[..., None]:
    def note(_map: nn.Module, _inputs: Any, states: Tensor) -> None:
        outputs[name] = states[0]

    return note


def _key_and_value(states: Sequence[Tensor]) -> Tensor:
    """Keys and values of one attention; a single map gives queries, keys and values side by side."""
    joined = torch.cat(list(states), dim=1)
    return joined if len(states) == 2 else joined[:, joined.shape[1] // 3 :]
