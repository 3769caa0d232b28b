import onnx
import pytest
from torch import nn

from pipelines.training.export import attention_fusion
from pipelines.training.export.attention_fusion import eager_attention, fuse_attention
from pipelines.training.export.packaging import _export
from pipelines.training.network.encoder import load_pretrained


@pytest.fixture
def model(tiny_encoder):
    return load_pretrained(str(tiny_encoder), 3, 0.0)[0].eval()


@pytest.fixture
def file(model, tmp_path):
    _export(model, tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def kinds(file):
    return {node.op_type for node in onnx.load(file).graph.node}


def test_attention_becomes_one_node_that_answers_alike(model, file):
    before = attention_fusion._answers(file)
    assert fuse_attention(file, model)
    assert "Attention" in kinds(file)
    assert attention_fusion._answers(file) == pytest.approx(before, abs=attention_fusion.TOLERANCE)


def test_a_fused_graph_that_answers_otherwise_is_dropped(model, file, monkeypatch):
    answers = iter([0.0, 1.0])
    monkeypatch.setattr(attention_fusion, "_answers", lambda _: next(answers))
    assert not fuse_attention(file, model)
    assert "Attention" not in kinds(file)
    assert [one.name for one in file.parent.iterdir()] == ["model.onnx"]


def test_what_is_not_recognised_stays_as_it_is(model, file, monkeypatch):
    monkeypatch.setattr(model.encoder.config, "num_attention_heads", 0)
    monkeypatch.setattr(model.encoder.config, "hidden_size", 0)
    before = file.read_bytes()
    assert not fuse_attention(file, model)
    assert file.read_bytes() == before


def test_attention_is_computed_as_before_once_the_graph_is_drawn(model):
    with eager_attention(nn.ModuleList([model])):
        assert model.encoder.config._attn_implementation == "eager"
    assert model.encoder.config._attn_implementation == "sdpa"
