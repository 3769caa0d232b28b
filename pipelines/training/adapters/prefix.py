"""Prefix tuning (Li and Liang, 2021) of encoders: learnt keys and values stand before those of every text.

PEFT hands its prefix over as a decoder's cache, which only BERT's nearest relatives take: DistilBERT, ModernBERT and
others have no cache. So PEFT's encoder makes the prefix, and an attention function of ours puts it in its place.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from pipelines.training.adapters.places import NoPlace, keys_and_values

ATTENTION = "prefixed"


class Prefix(nn.Module):
    """`size` keys and values of `width` numbers each, for all heads of one layer."""

    def __init__(self, width: int, size: int) -> None:
        from peft import PrefixEncoder, PrefixTuningConfig  # 2 s, wanted only where a recipe has an adapter

        super().__init__()
        self.width, self.size = width, size
        config = PrefixTuningConfig(
            num_virtual_tokens=size, token_dim=width, num_layers=1, encoder_hidden_size=width, prefix_projection=False
        )
        untyped: Any = PrefixEncoder
        self.made = untyped(config)
        self.register_buffer("numbers", torch.arange(size), persistent=False)

    def forward(self, key: Tensor, value: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
        """Keys and values `(batch, heads, tokens, width / heads)` and their mask, each with the prefix before it."""
        own = self.made(self.numbers).to(key.dtype).view(self.size, 2, key.shape[1], -1).permute(1, 2, 0, 3)
        own = own.unsqueeze(1).expand(-1, key.shape[0], -1, -1, -1)
        key, value = torch.cat([own[0], key], dim=2), torch.cat([own[1], value], dim=2)
        if mask is None:
            return key, value, None
        shape = (*mask.shape[:-1], self.size)
        seen = mask.new_ones(shape) if mask.dtype is torch.bool else mask.new_zeros(shape)
        return key, value, torch.cat([seen, mask], dim=-1)


def attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> Any:
    """Scaled dot-product attention; a module that has a prefix attends to that too."""
    prefix = getattr(module, "prefix", None)
    if prefix is not None:
        key, value, attention_mask = prefix(key, value, attention_mask)
    return sdpa_attention_forward(module, query, key, value, attention_mask, **options)


def insert_prefix(encoder: Any, attention: nn.Module, prefix: Prefix) -> None:
    """Let a layer's attention begin with the prefix. Raises NoPlace where the encoder's attention is all its own."""
    if not encoder._supports_attention_backend:
        raise NoPlace(
            f"{type(encoder).__name__} computes attention in its own way, which takes no prefix; "
            "choose the adapter lora, adalora, ia3 or bottleneck"
        )
    AttentionInterface.register(ATTENTION, attend)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    encoder.set_attn_implementation(ATTENTION)
    attention.prefix = prefix


def grow_prefixes(encoder: Any, size: int, kept: int) -> None:
    """A prefix in each layer above the first `kept`, beginning as the keys and values of random words."""
    made = _of_random_words(encoder, keys_and_values(encoder, kept), size)
    for name, states in made.items():
        prefix = Prefix(states.shape[1] // 2, size)
        prefix.made.load_prompt_embeddings(states)
        insert_prefix(encoder, encoder.get_submodule(name), prefix)


@torch.no_grad()
def _of_random_words(encoder: Any, maps: dict[str, nn.Linear], size: int) -> dict[str, Tensor]:
    """Keys and values beside each other, `(size, 2 * width)`, by the name of the attention that makes them."""
    seen: dict[str, Tensor] = {}
    hooks = [one.register_forward_hook(_note(seen, name)) for name, one in maps.items()]
    words = torch.randint(encoder.config.vocab_size, (1, size), device=encoder.device)
    encoder.eval()(input_ids=words, attention_mask=torch.ones_like(words))
    for hook in hooks:
        hook.remove()
    owners = dict.fromkeys(name.rpartition(".")[0] for name in maps)
    return {
        owner: _key_and_value([seen[name] for name in maps if name.rpartition(".")[0] == owner]) for owner in owners
    }


def _note(seen: dict[str, Tensor], name: str) -> Callable[..., None]:
    def note(_map: nn.Module, _inputs: Any, states: Tensor) -> None:
        seen[name] = states[0]

    return note


def _key_and_value(states: Sequence[Tensor]) -> Tensor:
    """The keys and values of one attention; a single map made queries, keys and values beside each other."""
    joined = torch.cat(list(states), dim=1)
    return joined if len(states) == 2 else joined[:, joined.shape[1] // 3 :]
