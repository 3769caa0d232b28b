"""Shared fixtures: a tiny random encoder in Hugging Face's layout, a home for each test, a small corpus."""

import gc
import os
import random
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import certifi
import hypothesis
import pytest
from filelock import FileLock

from pipelines.catalog.gate import Gate
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.workspace.settings import Settings

# The time of an example depends on the load of the machine.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# Two workers on two cores: more threads would only wait for each other. Set before torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A new HTTP client loads every authority of the system for 60 ms. Ours speak to the loopback alone.
ONE_AUTHORITY = NamedTemporaryFile("w", suffix=".pem")  # noqa: SIM115  it lasts as long as this process
ONE_AUTHORITY.write("".join(certifi.contents().partition("-----END CERTIFICATE-----\n")[:2]))
ONE_AUTHORITY.flush()
os.environ["SSL_CERT_FILE"] = ONE_AUTHORITY.name

# Without stored bytecode, as in many images, every worker and every process of a test compiles all modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

SUBJECTS = {
    "baggage": ("my bag is lost", "where is my suitcase", "the luggage never came", "bag damaged at the belt"),
    "delay": ("the flight is late", "we wait on the tarmac", "plane delayed three hours", "still no departure"),
    "praise": ("thank you so much", "great crew today", "what a lovely trip", "you were so kind"),
}
# No test may reach the developer's own service or Prefect server.
for name in [one for one in os.environ if one.startswith(("NEEDLOOP_", "PREFECT_API_"))]:
    if name not in ("NEEDLOOP_TEST_POSTGRES", "NEEDLOOP_SCREENSHOTS"):
        del os.environ[name]
OUTSIDE = ("NEEDLOOP_CATALOG", "NEEDLOOP_DATABASE_URL", "NEEDLOOP_STORE", "MLFLOW_TRACKING_URI")
ENDINGS = ("please help", "again", "in Boston", "today", "for my mother", "this morning", "and nobody cares", "ok")


# The longest files; the first waits most. A worker that began one of them last would work alone at the end.
# Most of these wait for Prefect; other tests run while it starts.
LONGEST = (
    *("up", "load", "adapters", "example", "readme", "loop", "training", "promotion", "audit", "doors", "moving"),
    *("guides", "speaking", "s3", "vetting", "multilabel", "mlflow_doors", "odd_labels"),
)


def pytest_collection_finish() -> None:
    """Exempt imported modules from garbage collection, and collect the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin first, all others keep their order."""
    places = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test has its own home, and none of the developer's settings."""
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEEDLOOP_HOME", str(tmp_path / "home"))


@pytest.fixture
def settings() -> Settings:
    """Settings of the test's own home, activated."""
    return Settings(_env_file=None).activate()


@pytest.fixture
def many_files() -> Iterator[None]:
    """Raise this process's limit of open files to 4,096, as far as the system allows."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(scope="session")
def workers_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder that all processes of this test session share."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


def made_once(address: Path, make: Callable[[], Path]) -> Path:
    """A folder that the first worker makes and all others reuse; the file `address` holds its path."""
    with FileLock(f"{address}.lock"):
        if not address.exists():
            address.write_text(str(make()), encoding="utf-8")
    return Path(address.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory, workers_folder: Path) -> Path:
    """A BERT of two layers and 32 dimensions with random weights, and a tokenizer that knows letters and words."""
    return made_once(workers_folder / "tiny-encoder", lambda: _encoder(tmp_path_factory.mktemp("tiny-encoder")))


def _encoder(folder: Path) -> Path:
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


def write_topics(file: Path) -> Path:
    """A user's CSV with column names of their own."""
    lines = [f"{number},{text},{label}" for number, (text, label) in enumerate(small_rows())]
    file.write_text("\n".join(["ticket,utterance,intent", *lines]) + "\n", encoding="utf-8")
    return file


def topics_model(csv: Path, encoder: Path) -> ModelSpec:
    """A declared model over the user's CSV and the tiny encoder."""
    return ModelSpec(
        name="topics",
        labels=tuple(SUBJECTS),
        source=Source(uri=str(csv), text="utterance", label="intent"),
        base_model=str(encoder),
        recipe=Recipe(epochs=3, frozen_layers=1, batch=16, rate=1e-3, head_rate=1e-2),
        # A random encoder of two layers is swayed by any word, and by int8: its behaviour must be measured, but may
        # fail. The faster of two such models on a busy machine is chance.
        gate=Gate(
            min_macro_f1=0.2,
            min_accuracy=0.2,
            margin=0.2,
            min_gain_over_baseline=-1.0,
            max_failure_rate=1,
            max_identity_flips=1,
            min_four_fifths_ratio=0,
            max_calibration_error=1,
            max_package_mismatch=0.2,
            max_latency_ratio=100,
            max_latency_ms=10_000,
        ),
        min_language_share=0.0,
    )


@pytest.fixture
def topics_csv(tmp_path: Path) -> Path:
    """The user's CSV, for this test alone."""
    return write_topics(tmp_path / "topics.csv")


@pytest.fixture
def topics(topics_csv: Path, tiny_encoder: Path) -> ModelSpec:
    """A declared model over the user's CSV and the tiny encoder."""
    return topics_model(topics_csv, tiny_encoder)


def free_port() -> int:
    """A free port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
