"""Trained weights on disk and back, head included: one folder per member of an ensemble."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerBase

from pipelines.training.adapters.storing import plain, regrow, save_grown
from pipelines.training.network.encoder import Classifier, pretrained
from pipelines.training.pruning.prune_heads import whole_state

HEAD = "head.safetensors"


class Unfaithful(RuntimeError):
    """Saved weights that answer otherwise than the network they came from."""


def save(models: Sequence[Classifier], tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Encoder and tokenizer in Hugging Face's own layout, the head and adapters that cannot be merged beside them.

    Raises Unfaithful.
    """
    for model, place in zip(models, _folders(folder, len(models)), strict=True):
        model.encoder.save_pretrained(place, state_dict=plain(whole_state(model.encoder)))
        save_grown(model.encoder, place)
        tokenizer.save_pretrained(place)
        save_file({name: value.cpu() for name, value in model.head.state_dict().items()}, place / HEAD)
    _check(models, folder)


@torch.no_grad()
def _check(models: Sequence[Classifier], folder: Path) -> None:
    """Read back what was written: a head or an adapter that was left out answers at random, and nothing else tells."""
    again, tokenizer = restored(folder, models[0].head.out_features, 0.0)
    text = tokenizer(["what is saved answers as what was learnt"], return_tensors="pt")
    ids, mask = text["input_ids"], text["attention_mask"]
    for model, other in zip(models, again, strict=True):
        place = model.head.weight.device
        logits = model.eval()(ids.to(place), mask.to(place)).cpu()
        if not torch.allclose(logits, other.eval()(ids, mask), rtol=1e-4, atol=1e-4):
            raise Unfaithful(f"{folder} does not answer as the trained network does; do not register it, train again")


def restored(
    folder: Path, labels: int, dropout: float, within: float | None = None
) -> tuple[list[Classifier], PreTrainedTokenizerBase]:
    """What `save` wrote, every member with its head and its adapters."""
    models = []
    for place in _folders(folder, len(list(folder.glob("member-*"))) or 1):
        model, tokenizer = pretrained(str(place), labels, dropout, within)
        regrow(model.encoder, place)
        model.head.load_state_dict(load_file(place / HEAD))
        models.append(model)
    return models, tokenizer


def _folders(folder: Path, members: int) -> list[Path]:
    return [folder] if members == 1 else [folder / f"member-{number}" for number in range(members)]
