"""The sources of an encoder."""

import json
import shutil

import pytest
import torch
from transformers import AutoModel

from pipelines.training.network.encoder import EncoderNotFound, load_pretrained, locate_encoder

FIRST, SECOND = "1" * 40, "2" * 40


@pytest.fixture
def hub(tiny_encoder, tmp_path, monkeypatch):
    """A hub's cache in its own layout, with two revisions of one repository, and no network."""
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
    latest, pinned = (load_pretrained(name, 2, 0.0)[0] for name in ("owner/tiny", f"owner/tiny@{FIRST}"))
    assert latest.encoder.embeddings.word_embeddings.weight.abs().sum() == 0
    assert pinned.encoder.embeddings.word_embeddings.weight.abs().sum() > 0


def test_weights_that_are_no_safetensors_are_refused(hub):
    place = hub / "snapshots" / SECOND
    (place / "model.safetensors").unlink()
    torch.save({}, place / "pytorch_model.bin")
    with pytest.raises(EncoderNotFound):
        load_pretrained("owner/tiny", 2, 0.0)


def test_code_of_a_repository_is_never_run(hub):
    place, ran = hub / "snapshots" / SECOND, hub / "ran"
    config = (place / "config.json").read_text()
    own = '{"auto_map": {"AutoModel": "own.Own", "AutoConfig": "own.Config"},'
    (place / "config.json").write_text(config.replace("{", own, 1))
    (place / "own.py").write_text(f"open({str(ran)!r}, 'w')")
    own = '{"auto_map": {"AutoTokenizer": ["own.Own", null]}, "tokenizer_class": "Own",'
    (place / "tokenizer_config.json").write_text((place / "tokenizer_config.json").read_text().replace("{", own, 1))
    load_pretrained("owner/tiny", 2, 0.0)
    assert not ran.exists()


def test_an_unknown_repository_says_what_may_be_named(hub):
    with pytest.raises(EncoderNotFound, match="minilm, a folder, or owner/name@revision"):
        locate_encoder("owner/absent@main")


@pytest.mark.parametrize("own", [{}, {"auto_map": {"AutoModel": "own.Own", "AutoConfig": "own.Config"}}])
def test_a_base_that_needs_code_of_its_own_is_refused_in_our_words(tmp_path, own):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "own", **own}))
    with pytest.raises(
        EncoderNotFound, match="code of its own, which Needloop does not run; choose another base"
    ) as refused:
        load_pretrained(str(tmp_path), 2, 0.0)
    assert "trust_remote_code" not in str(refused.value)


SLOW = {
    "BertweetTokenizer": {"vocab.txt": "a 1\nb 1\n", "bpe.codes": "a b 1\n"},
    "Own": {},  # no such class, and no file for a fast tokenizer
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_base_without_a_fast_tokenizer_is_refused_before_it_is_trained(tiny_encoder, tmp_path, kind):
    for name in ("config.json", "model.safetensors"):
        shutil.copy(tiny_encoder / name, tmp_path)
    for name, text in {**SLOW[kind], "tokenizer_config.json": json.dumps({"tokenizer_class": kind})}.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(EncoderNotFound, match=r"no fast tokenizer, .* choose a base with a tokenizer\.json"):
        load_pretrained(str(tmp_path), 2, 0.0)
