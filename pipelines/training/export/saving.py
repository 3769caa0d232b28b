"""Saving and loading of trained weights, head included: one folder per member of an ensemble."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerBase

from pipelines.training.adapters.attaching import load_adapters, save_adapters, without_adapters
from pipelines.training.network.encoder import Classifier, load_pretrained
from pipelines.training.pruning.prune_heads import full_state

HEAD = "head.safetensors"


class SavedWeightsDiffer(RuntimeError):
    """The saved weights answer differently from the network in memory."""


def save(models: Sequence[Classifier], tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write encoder and tokenizer in Hugging Face's layout, with the head and unmergeable adapters beside them.

    Raises SavedWeightsDiffer.
    """
    for model, member in zip(models, _folders(folder, len(models)), strict=True):
        model.encoder.save_pretrained(member, state_dict=without_adapters(full_state(model.encoder)))
        save_adapters(model.encoder, member)
        tokenizer.save_pretrained(member)
        save_file({name: value.cpu() for name, value in model.head.state_dict().items()}, member / HEAD)
    _check(models, folder)


@torch.no_grad()
def _check(models: Sequence[Classifier], folder: Path) -> None:
    """Compare loaded weights and network: a missing head or adapter would answer at random without an error."""
    loaded, tokenizer = load_weights(folder, models[0].head.out_features, 0.0)
    text = tokenizer(["what is saved answers as what was learnt"], return_tensors="pt")
    ids, mask = text["input_ids"], text["attention_mask"]
    for model, other in zip(models, loaded, strict=True):
        device = model.head.weight.device
        logits = model.eval()(ids.to(device), mask.to(device)).cpu()
        if not torch.allclose(logits, other.eval()(ids, mask), rtol=1e-4, atol=1e-4):
            raise SavedWeightsDiffer(
                f"{folder} answers differently from the trained network; do not register it; run: needloop train MODEL"
            )


def load_weights(
    folder: Path, labels: int, dropout: float, encoder_dropout: float | None = None
) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """Load what `save` wrote: every member with its head and adapters, and the tokenizer."""
    models = []
    for member in _folders(folder, len(list(folder.glob("member-*"))) or 1):
        model, tokenizer = load_pretrained(str(member), labels, dropout, encoder_dropout)
        load_adapters(model.encoder, member)
        model.head.load_state_dict(load_file(member / HEAD))
        models.append(model)
    return models, tokenizer


def _folders(folder: Path, members: int) -> list[Path]:
    return [folder] if members == 1 else [folder / f"member-{number}" for number in range(members)]
