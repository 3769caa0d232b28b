"""Back translation through two translation models."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from pipelines.catalog.recipe import Augmentation
from pipelines.training.augmentation.copies import augment
from pipelines.training.augmentation.translation import TranslatorNotFound, back_translate
from tests.conftest import small_rows


@pytest.fixture
def frame():
    rows = pd.DataFrame(small_rows(), columns=["text", "label"])
    weights = [1.0 + number % 3 for number in range(len(rows))]
    held = [number % 5 == 0 for number in range(len(rows))]
    return rows.assign(validation=held, origin="source", weight=weights)


def copies(found, frame):
    """The rows that were added."""
    return found.iloc[len(frame) :]


def changing(spec, language="en", **wanted):
    recipe = spec.recipe.model_copy(update={"augmentation": Augmentation(**wanted)})
    return spec.model_copy(update={"recipe": recipe, "language": language})


ENGLISH = ("my bag is lost", "the plane is late", "do not lose my bag", "the crew was lovely", "we wait for 3 hours")
FOREIGN = ("mi sako es pera", "la avi es tarda", "ne pera mi sako", "la kru es bela", "nos wart 3 hora")
AGAIN = (
    "my suitcase is gone",
    "the plane is late",
    "do lose my suitcase",
    "the staff was lovely",
    "we wait for 4 hours",
)


@pytest.fixture(scope="module")
def translators(tmp_path_factory):
    """Two real, tiny translation models for five sentences, with typical mistakes."""
    folder = tmp_path_factory.mktemp("translators")
    return _translator(ENGLISH, FOREIGN, folder / "there"), _translator(FOREIGN, AGAIN, folder / "back")


def _translator(given: tuple[str, ...], wanted: tuple[str, ...], folder: Path) -> str:
    from transformers import BartConfig, BartForConditionalGeneration

    tokenizer = _words((*given, *wanted))
    marks = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    small = {f"{part}_{size}": number for part in ("encoder", "decoder") for size, number in _SIZES.items()}
    torch.manual_seed(0)
    small |= {"vocab_size": len(tokenizer), "max_position_embeddings": 64, "d_model": 32, "dropout": 0.0}
    model = BartForConditionalGeneration(BartConfig(**marks, **small, forced_eos_token_id=None))
    inputs, target = (tokenizer(list(texts), return_tensors="pt", padding=True) for texts in (given, wanted))
    labels = target["input_ids"].masked_fill(target["attention_mask"] == 0, -100)
    descent = torch.optim.AdamW(model.parameters(), 1e-2)
    for _ in range(60):
        descent.zero_grad()
        model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], labels=labels).loss.backward()
        descent.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


_SIZES = {"layers": 1, "attention_heads": 2, "ffn_dim": 64}


def _words(texts):
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    special = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    known = [*special.values(), *sorted({word for text in texts for word in text.split()})]
    tokenizer = Tokenizer(WordLevel({word: at for at, word in enumerate(known)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)


def test_a_text_comes_back_in_other_words(translators):
    assert back_translate(list(ENGLISH), translators, 1) == [[text] for text in AGAIN]
    assert all(len(set(ways)) == 2 for ways in back_translate(list(ENGLISH), translators, 2))


def test_a_translation_that_lost_a_negation_or_a_number_is_left_out(translators, topics):
    frame = pd.DataFrame({"text": ENGLISH * 8, "label": [*"abccd"] * 8, "validation": False, "weight": 1.0})
    found = copies(augment(frame, changing(topics, translation=translators)), frame)
    assert sorted(found["text"]) == ["my suitcase is gone", "the staff was lovely"]


def test_a_missing_translation_model_is_named(frame, topics, tmp_path):
    with pytest.raises(TranslatorNotFound, match=r"nowhere.*model\.safetensors"):
        augment(frame, changing(topics, translation=(str(tmp_path / "nowhere"), "back")))
