"""Back-translation through two local translation models: the same message in other words."""

from collections.abc import Callable, Sequence

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from pipelines.training.network.batches import batches_by_length
from pipelines.training.network.device import choose_device

BATCH = 32
BEAMS = 4
LONGER = 3  # times the tokens of its source: a longer translation has gone astray


class TranslatorNotFound(LookupError):
    """The translation model is not on this machine or cannot be loaded."""


def no_check() -> None:
    """Default for `check`: nothing is checked."""


def back_translate(
    texts: Sequence[str], models: tuple[str, str], copies: int, check: Callable[[], None] = no_check
) -> list[list[str]]:
    """`copies` different back-translations of each text, the likeliest first (Sennrich and others, 2016).

    `models` are folders or names of sequence-to-sequence models, forward and back; `check` is called before each batch.
    Raises TranslatorNotFound.
    """
    forward, back = models
    pivots = [text for (text,) in translate(texts, forward, 1, check)]
    return translate(pivots, back, copies, check)


@torch.inference_mode()
def translate(texts: Sequence[str], model: str, copies: int, check: Callable[[], None] = no_check) -> list[list[str]]:
    """`copies` translations of each text by beam search, without random numbers; safetensors only, no remote code."""
    device = choose_device()
    try:
        translator = AutoModelForSeq2SeqLM.from_pretrained(model, use_safetensors=True, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise TranslatorNotFound(
            f"no translation model at {model!r}: the recipe's augmentation.translation names two folders with the "
            f"config.json, model.safetensors and tokenizer of a sequence-to-sequence model ({error})"
        ) from error
    translator.to(device).eval()
    beams = {"num_beams": max(BEAMS, copies), "num_return_sequences": copies, "do_sample": False}
    translations: list[list[str]] = [[]] * len(texts)
    for batch in batches_by_length([len(text) for text in texts], BATCH):
        check()
        inputs = tokenizer([texts[index] for index in batch], return_tensors="pt", padding=True, truncation=True)
        ids = translator.generate(**inputs.to(device), **beams, max_new_tokens=LONGER * inputs["input_ids"].shape[1])
        decoded = tokenizer.batch_decode(ids, skip_special_tokens=True)
        for position, index in enumerate(batch):
            translations[index] = decoded[position * copies : (position + 1) * copies]
    return translations
