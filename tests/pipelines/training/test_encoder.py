"""Where an encoder comes from."""

import shutil

import pytest
import torch
from transformers import AutoModel

from pipelines.training.encoder import NoEncoder, located, pretrained

FIRST, SECOND = "1" * 40, "2" * 40


@pytest.fixture
def hub(tiny_encoder, tmp_path, monkeypatch):
    """A hub's cache, in its own layout, with two revisions of one repository; nothing else can be reached."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = tmp_path / "models--owner--tiny"
    for revision in (FIRST, SECOND):
        shutil.copytree(tiny_encoder, repository / "snapshots" / revision)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(SECOND)
    changed = AutoModel.from_pretrained(tiny_encoder)
    torch.nn.init.zeros_(changed.embeddings.word_embeddings.weight)
    changed.save_pretrained(repository / "snapshots" / SECOND)
    return repository


def test_a_pinned_revision_is_the_one_that_loads(hub):
    latest, pinned = (pretrained(name, 2, 0.0)[0] for name in ("owner/tiny", f"owner/tiny@{FIRST}"))
    assert latest.encoder.embeddings.word_embeddings.weight.abs().sum() == 0
    assert pinned.encoder.embeddings.word_embeddings.weight.abs().sum() > 0


def test_weights_that_are_no_safetensors_are_refused(hub):
    place = hub / "snapshots" / SECOND
    (place / "model.safetensors").unlink()
    torch.save({}, place / "pytorch_model.bin")
    with pytest.raises(NoEncoder):
        pretrained("owner/tiny", 2, 0.0)


def test_code_of_a_repository_is_never_run(hub):
    place, ran = hub / "snapshots" / SECOND, hub / "ran"
    config = (place / "config.json").read_text()
    own = '{"auto_map": {"AutoModel": "own.Own", "AutoConfig": "own.Config"},'
    (place / "config.json").write_text(config.replace("{", own, 1))
    (place / "own.py").write_text(f"open({str(ran)!r}, 'w')")
    own = '{"auto_map": {"AutoTokenizer": ["own.Own", null]}, "tokenizer_class": "Own",'
    (place / "tokenizer_config.json").write_text((place / "tokenizer_config.json").read_text().replace("{", own, 1))
    pretrained("owner/tiny", 2, 0.0)
    assert not ran.exists()


def test_an_unknown_repository_says_what_may_be_named(hub):
    with pytest.raises(NoEncoder, match="minilm, a folder, or owner/name@revision"):
        located("owner/absent@main")
