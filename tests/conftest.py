"""What many tests share: a tiny random encoder in Hugging Face's layout, a home of their own, a small corpus."""

import os
import random
from pathlib import Path

import pytest

from pipelines.catalog import Gate, ModelSpec, Source
from pipelines.recipe import Recipe
from pipelines.settings import Settings

# Two workers on two cores: more threads would only wait for each other. Set before torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SUBJECTS = {
    "baggage": ("my bag is lost", "where is my suitcase", "the luggage never came", "bag damaged at the belt"),
    "delay": ("the flight is late", "we wait on the tarmac", "plane delayed three hours", "still no departure"),
    "praise": ("thank you so much", "great crew today", "what a lovely trip", "you were so kind"),
}
ENDINGS = ("please help", "again", "in Boston", "today", "for my mother", "this morning", "and nobody cares", "ok")


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test has a home of its own, and none of the developer's settings."""
    for name in ("NEEDLOOP_CATALOG", "NEEDLOOP_DATABASE_URL", "NEEDLOOP_STORE", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEEDLOOP_HOME", str(tmp_path / "home"))


@pytest.fixture
def settings() -> Settings:
    """Settings of the test's own home, activated."""
    return Settings(_env_file=None).activate()


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers and 32 dimensions with random weights, and a tokenizer that knows letters and words."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = sorted({word for lines in SUBJECTS.values() for line in (*lines, *ENDINGS) for word in line.split()})
    letters = [chr(code) for code in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    marks = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    folder = tmp_path_factory.mktemp("tiny-encoder")
    BertModel(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def reader(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny encoder with a mask token."""
    from transformers import AutoModel, AutoTokenizer

    model, tokenizer = AutoModel.from_pretrained(tiny_encoder), AutoTokenizer.from_pretrained(tiny_encoder)
    tokenizer.add_special_tokens({"mask_token": "[MASK]"})
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    folder = tmp_path_factory.mktemp("reader")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def small_rows(rows: int = 240, seed: int = 1) -> list[tuple[str, str]]:
    """Distinct `(text, label)` pairs of three subjects, in random order."""
    draw = random.Random(seed)
    found = {}
    while len(found) < rows:
        label = draw.choice(list(SUBJECTS))
        text = f"{draw.choice(SUBJECTS[label])} {draw.choice(ENDINGS)} {draw.randint(1, 99999)} {draw.choice(ENDINGS)}"
        found[text] = label
    return list(found.items())


@pytest.fixture
def topics_csv(tmp_path: Path) -> Path:
    """A stranger's CSV with column names of their own."""
    file = tmp_path / "topics.csv"
    lines = [f"{number},{text},{label}" for number, (text, label) in enumerate(small_rows())]
    file.write_text("\n".join(["ticket,utterance,intent", *lines]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def topics(topics_csv: Path, tiny_encoder: Path) -> ModelSpec:
    """A declared model over the stranger's CSV and the tiny encoder."""
    return ModelSpec(
        name="topics",
        labels=tuple(SUBJECTS),
        source=Source(uri=str(topics_csv), text="utterance", label="intent"),
        base=str(tiny_encoder),
        recipe=Recipe(epochs=3, frozen_layers=1, batch=16, rate=1e-3, head_rate=1e-2),
        # A random encoder of two layers is swayed by any word: what is asked of its conduct is that it was measured.
        gate=Gate(
            macro_f1=0.2, accuracy=0.2, margin=0.2, lead=-1.0, behaviour=1, fairness=1, four_fifths=0, calibration=1
        ),
        language_share=0.0,
    )
