"""There and back through two local translation models: the same message in other words."""

from collections.abc import Callable, Sequence

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from pipelines.training.network.batches import in_order
from pipelines.training.network.device import device

BATCH = 32
BEAMS = 4
LONGER = 3  # times as many tokens a translation may have; what runs on has lost its way


class NoTranslator(LookupError):
    """A translation model that is not to be had on this machine."""


def idle() -> None:
    """Nobody looks at what a translation costs."""


def back_translated(
    texts: Sequence[str], models: tuple[str, str], copies: int, check: Callable[[], None] = idle
) -> list[list[str]]:
    """`copies` different ways back for each text, the likeliest first (Sennrich and others, 2016).

    `models` are folders or names of sequence-to-sequence models, there and back; `check` is called before each batch.
    Raises NoTranslator.
    """
    there, back = models
    away = [found for (found,) in translated(texts, there, 1, check)]
    return translated(away, back, copies, check)


@torch.inference_mode()
def translated(texts: Sequence[str], model: str, copies: int, check: Callable[[], None] = idle) -> list[list[str]]:
    """`copies` translations of each text by beam search, which draws no lots; safetensors only, no remote code."""
    place = device()
    try:
        translator = AutoModelForSeq2SeqLM.from_pretrained(model, use_safetensors=True, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise NoTranslator(
            f"no translation model at {model!r}: the recipe's augmentation.translation names two folders with the "
            f"config.json, model.safetensors and tokenizer of a sequence-to-sequence model ({error})"
        ) from error
    translator.to(place).eval()
    beams = {"num_beams": max(BEAMS, copies), "num_return_sequences": copies, "do_sample": False}
    found: list[list[str]] = [[]] * len(texts)
    for batch in in_order([len(text) for text in texts], BATCH):
        check()
        inputs = tokenizer([texts[index] for index in batch], return_tensors="pt", padding=True, truncation=True)
        ids = translator.generate(**inputs.to(place), **beams, max_new_tokens=LONGER * inputs["input_ids"].shape[1])
        written = tokenizer.batch_decode(ids, skip_special_tokens=True)
        for at, index in enumerate(batch):
            found[index] = written[at * copies : (at + 1) * copies]
    return found
