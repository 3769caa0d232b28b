"""A masked-language model over any encoder: its loss, and its perplexity."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from pipelines.training.network.device import mixed
from pipelines.training.network.encoder import NoEncoder, known, located
from pipelines.training.pretraining.token_masking import Masked, NotMaskable


class Learner(nn.Module):
    """A masked-language model as the optimiser sees it: an encoder, and a head that learns at its own rate."""

    def __init__(self, model: Any, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.encoder: Any = model.base_model
        self.head: Any = model
        self.sparse = self.encoder is not model and _can_narrow(model)

    def loss(self, batch: Masked) -> Tensor:
        """Mean cross-entropy of the masked tokens, in fp32."""
        place = self.head.device
        given = {"input_ids": batch.ids.to(place), "attention_mask": batch.mask.to(place)}
        chosen = batch.chosen.to(place)
        with mixed(place, self.dtype):
            if self.sparse:
                with _narrowed(self.encoder, chosen):
                    logits = self.head(**given).logits[0]
            else:
                logits = self.head(**given).logits[chosen]
        return nn.functional.cross_entropy(logits.float(), batch.truth.to(place))


def parts(batch: Masked, count: int) -> list[Masked]:
    """The texts of a batch in order, as even as they go round: `count` parts, or fewer of a small batch."""
    size = -(-len(batch.ids) // count)
    chosen = batch.chosen.split(size)
    truth = batch.truth.split([int(part.sum()) for part in chosen])
    return list(map(Masked, batch.ids.split(size), batch.mask.split(size), chosen, truth))


def masked_model(base: str) -> tuple[Any, PreTrainedTokenizerBase, bool]:
    """A masked-language model over a base, its tokenizer, and whether its head is new: tied to the embeddings only.

    Raises NoEncoder and NotMaskable.
    """
    place = located(base)
    try:
        known(place)
        with _quiet():
            model, found = AutoModelForMaskedLM.from_pretrained(
                place, use_safetensors=True, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
            )
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    except OSError as error:
        raise NoEncoder(f"no encoder at {place!r}: {error}") from error
    except ValueError as error:  # a family without a head for masked words
        raise NotMaskable(f"{base!r} learns no masked words; set the recipe's pretraining to 0 ({error})") from error
    if tokenizer.mask_token_id is None:
        raise NotMaskable(f"the tokenizer of {base!r} has no mask token; set the recipe's pretraining to 0")
    return model, tokenizer, bool(found["missing_keys"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Within, Transformers keeps to itself that a head is new: `Perplexity` says it."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)


@torch.inference_mode()
def perplexity(net: Learner, held: Sequence[Masked]) -> float:
    """Exponential of the mean cross-entropy of all masked tokens."""
    net.eval()
    total = sum(net.loss(batch).item() * len(batch.truth) for batch in held)
    return math.exp(min(total / sum(len(batch.truth) for batch in held), 700.0))


@contextmanager
def _narrowed(encoder: nn.Module, chosen: Tensor) -> Iterator[None]:
    """Within, only the chosen states leave the encoder, `(1, chosen, hidden)`: logits of a vocabulary are dear."""

    def keep(_module: nn.Module, _given: object, output: Any) -> Any:
        output.last_hidden_state = output.last_hidden_state[chosen].unsqueeze(0)
        return output

    hook = encoder.register_forward_hook(keep)
    try:
        yield
    finally:
        hook.remove()


@torch.inference_mode()
def _can_narrow(model: Any) -> bool:
    """Whether a family's head takes states one by one, and says of each what it says within the whole text."""
    model.eval()
    ids = torch.randint(model.config.vocab_size, (2, 6), device=model.device)
    chosen = torch.zeros_like(ids, dtype=torch.bool)
    chosen[0, 1] = chosen[1, 3] = True
    whole = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[chosen]
    with _narrowed(model.base_model, chosen):
        part = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    return part.shape == (1, *whole.shape) and torch.allclose(part[0], whole, rtol=1e-3, atol=1e-4)
