"""Classifier network: any Hugging Face encoder, mean pooling, one linear head."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from pipelines.training.network.encoder_files import EncoderNotFound, locate_encoder
from pipelines.training.pruning.prune_heads import kept_heads, prune_heads


class Classifier(nn.Module):
    """Mean-pooled encoder states, dropout, a linear head: `(batch, tokens)` ids to `(batch, labels)` logits.

    The pooler of encoders that have one is not used and not trained.
    """

    def __init__(self, encoder: Any, labels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder: Any = encoder  # any Hugging Face encoder: its attributes are its own
        if isinstance(pooler := getattr(encoder, "pooler", None), nn.Module):
            pooler.requires_grad_(False)
        self.adapter = NoAdapter()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(int(encoder.config.hidden_size), labels)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, shape `(batch, labels)`."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.classify(states, attention_mask)

    def classify(self, states: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits from the encoder's last states `(batch, tokens, hidden)`."""
        logits: Tensor = self.head(self.dropout(mean_pool(states, attention_mask)))
        return logits


def mean_pool(states: Tensor, attention_mask: Tensor) -> Tensor:
    """Mean of the states of real tokens, `(batch, hidden)` (Reimers and Gurevych, 2019).

    Computed as a product with a transposed matrix: ONNX Runtime then adds up in the same order in every batch. Autocast
    would round it.
    """
    weights = attention_mask.unsqueeze(-1).to(states.dtype)
    with torch.autocast(states.device.type, enabled=False):
        return (weights.transpose(1, 2) @ states).squeeze(1) / weights.sum(1).clamp(min=1e-9)


def load_pretrained(
    base: str, labels: int, dropout: float, encoder_dropout: float | None = None
) -> tuple[Classifier, PreTrainedTokenizerBase]:
    """Load a pretrained encoder with an untrained head, and its tokenizer; safetensors only, no remote code.

    `dropout` applies before the head, `encoder_dropout` within the encoder (None: as in the checkpoint). Raises
    EncoderNotFound.
    """
    folder = locate_encoder(base)
    encoder, tokenizer = _load_encoder(folder), load_tokenizer(folder)
    if heads := kept_heads(encoder):
        prune_heads(encoder, heads)
    if encoder_dropout is not None:
        _set_dropout(encoder, encoder_dropout)
    return Classifier(encoder, labels, dropout), tokenizer


def _load_encoder(folder: str) -> Any:
    try:
        require_known_family(folder)
        return AutoModel.from_pretrained(folder, use_safetensors=True, trust_remote_code=False, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise EncoderNotFound(f"no encoder at {folder!r}: {error}") from error


def require_known_family(folder: str) -> None:
    """Raise EncoderNotFound for an encoder of a family that Transformers does not know.

    Transformers' own message asks for a switch that Needloop does not have, or for another version of Transformers.
    """
    try:
        AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except ValueError as error:
        raise EncoderNotFound(
            f"the encoder at {folder!r} is of a family that Transformers does not know: it needs code of its own, "
            "which Needloop does not run; choose another base"
        ) from error


def load_tokenizer(folder: str) -> PreTrainedTokenizerBase:
    """Load a fast tokenizer: packages are served by the library tokenizers alone. Raises EncoderNotFound."""
    cause: Exception | None = None
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        if hasattr(tokenizer, "backend_tokenizer"):
            return tokenizer
    except OSError as error:
        raise EncoderNotFound(f"no encoder at {folder!r}: {error}") from error
    except (ValueError, ImportError) as error:  # old tokenizers want packages of their own, such as sacremoses
        cause = error
    raise EncoderNotFound(
        f"the encoder at {folder!r} has no fast tokenizer, which answering needs; choose a base with a tokenizer.json"
    ) from cause


def _set_dropout(encoder: nn.Module, rate: float) -> None:
    """Set every dropout of an encoder; attention keeps its rate as a number."""
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate
        for name in ("dropout_prob", "attention_dropout", "attn_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, rate)


class EncoderWithHead(nn.Module):
    """Encoder and head as one module, which can be wrapped for several processes: inputs to logits."""

    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, attention_mask: Tensor, **inputs: Tensor) -> Tensor:
        """Logits `(batch, labels)` of token ids (`input_ids`) or of cached states (`inputs_embeds`)."""
        states = self.model.encoder(**inputs, attention_mask=attention_mask).last_hidden_state
        return self.model.classify(states, attention_mask)


def enable_checkpointing(model: Classifier) -> Classifier:
    """Recompute activations in the backward pass of this model (Chen and others, 2016): less memory.

    Raises ValueError where the encoder does not support it.
    """
    model.encoder.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    return model


class NoAdapter:
    """No adapter; base class of those that add a penalty, follow the steps or are merged."""

    def penalty(self) -> Tensor | float:
        """Term that is added to the mean loss of a batch."""
        return 0.0

    def after_step(self, step: int, steps: int) -> None:
        """Called after optimiser step `step` (from 1) of `steps`; gradients are still available."""

    def merge(self) -> None:
        """Merge the trained weights into the encoder's own and remove the adapter."""
