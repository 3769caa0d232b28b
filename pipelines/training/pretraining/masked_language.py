"""Masked-language model over any encoder, its loss, and its perplexity."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from pipelines.training.network.device import mixed_precision
from pipelines.training.network.encoder import require_known_family
from pipelines.training.network.encoder_files import EncoderNotFound, locate_encoder
from pipelines.training.pretraining.token_masking import MaskedBatch, NotMaskable


class MaskedLanguageModel(nn.Module):
    """A masked-language model for the optimiser: an encoder, and a head with its own rate."""

    def __init__(self, model: Any, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.encoder: Any = model.base_model
        self.head: Any = model
        self.sparse = self.encoder is not model and _supports_chosen_states(model)

    def loss(self, batch: MaskedBatch) -> Tensor:
        """Mean cross-entropy of the masked tokens, in fp32."""
        device = self.head.device
        inputs = {"input_ids": batch.ids.to(device), "attention_mask": batch.mask.to(device)}
        chosen = batch.chosen.to(device)
        with mixed_precision(device, self.dtype):
            if self.sparse:
                with _chosen_states(self.encoder, chosen):
                    logits = self.head(**inputs).logits[0]
            else:
                logits = self.head(**inputs).logits[chosen]
        return nn.functional.cross_entropy(logits.float(), batch.truth.to(device))


def split_batch(batch: MaskedBatch, count: int) -> list[MaskedBatch]:
    """Split a batch in order into `count` parts of about equal size, or fewer of a small batch."""
    size = -(-len(batch.ids) // count)
    chosen = batch.chosen.split(size)
    truth = batch.truth.split([int(part.sum()) for part in chosen])
    return list(map(MaskedBatch, batch.ids.split(size), batch.mask.split(size), chosen, truth))


def masked_model(base: str) -> tuple[Any, PreTrainedTokenizerBase, bool]:
    """Load a masked-language model, its tokenizer, and True if its head is new (tied to the embeddings only).

    Raises EncoderNotFound and NotMaskable.
    """
    folder = locate_encoder(base)
    try:
        require_known_family(folder)
        with _without_warnings():
            model, info = AutoModelForMaskedLM.from_pretrained(
                folder, use_safetensors=True, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
            )
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except OSError as error:
        raise EncoderNotFound(f"no encoder at {folder!r}: {error}") from error
    except ValueError as error:  # a family without a masked-language head
        raise NotMaskable(
            f"{base!r} cannot be pretrained on masked words; set the recipe's pretraining to 0 ({error})"
        ) from error
    if tokenizer.mask_token_id is None:
        raise NotMaskable(f"the tokenizer of {base!r} has no mask token; set the recipe's pretraining to 0")
    return model, tokenizer, bool(info["missing_keys"])


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Within, Transformers does not warn of a new head: `Perplexity` records it."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)


@torch.inference_mode()
def perplexity(net: MaskedLanguageModel, batches: Sequence[MaskedBatch]) -> float:
    """Exponential of the mean cross-entropy of all masked tokens."""
    net.eval()
    total = sum(net.loss(batch).item() * len(batch.truth) for batch in batches)
    return math.exp(min(total / sum(len(batch.truth) for batch in batches), 700.0))


@contextmanager
def _chosen_states(encoder: nn.Module, chosen: Tensor) -> Iterator[None]:
    """Within, only the chosen states leave the encoder, `(1, chosen, hidden)`: logits of a vocabulary are expensive."""

    def narrow(_module: nn.Module, _inputs: object, output: Any) -> Any:
        output.last_hidden_state = output.last_hidden_state[chosen].unsqueeze(0)
        return output

    hook = encoder.register_forward_hook(narrow)
    try:
        yield
    finally:
        hook.remove()


@torch.inference_mode()
def _supports_chosen_states(model: Any) -> bool:
    """True if the head takes states one by one and gives the same logits as within the whole text."""
    model.eval()
    ids = torch.randint(model.config.vocab_size, (2, 6), device=model.device)
    chosen = torch.zeros_like(ids, dtype=torch.bool)
    chosen[0, 1] = chosen[1, 3] = True
    expected = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[chosen]
    with _chosen_states(model.base_model, chosen):
        part = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    return part.shape == (1, *expected.shape) and torch.allclose(part[0], expected, rtol=1e-3, atol=1e-4)
