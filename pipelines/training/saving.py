"""Trained weights on disk and back, head included: one folder per member of an ensemble."""

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from pipelines.training.encoder import Classifier, pretrained


def save(models: Sequence[Classifier], tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Encoder and tokenizer in Hugging Face's own layout, the head beside them."""
    for model, place in zip(models, _folders(folder, len(models)), strict=True):
        model.encoder.save_pretrained(place)
        tokenizer.save_pretrained(place)
        torch.save(model.head.state_dict(), place / "head.pt")


def restored(
    folder: Path, labels: int, dropout: float, within: float | None = None
) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """What `save` wrote, every member with its head."""
    models = []
    for place in _folders(folder, len(list(folder.glob("member-*"))) or 1):
        model, tokenizer = pretrained(str(place), labels, dropout, within)
        model.head.load_state_dict(torch.load(place / "head.pt", weights_only=True))
        models.append(model)
    return models, tokenizer


def _folders(folder: Path, members: int) -> list[Path]:
    return [folder] if members == 1 else [folder / f"member-{number}" for number in range(members)]
