import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from onnxruntime.transformers import optimizer
from torch import nn

from pipelines.training.export.attention_fusion import TOLERANCE, eager_attention, fuse_attention
from pipelines.training.export.packaging import export_for_fusion
from pipelines.training.network.encoder import load_pretrained


@pytest.fixture
def model(tiny_encoder):
    return load_pretrained(str(tiny_encoder), 3, 0.0)[0].eval()


@pytest.fixture
def file(model, tmp_path):
    export_for_fusion(model, tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def kinds(file):
    return {node.op_type for node in onnx.load(file).graph.node}


def logits(file):
    session = onnxruntime.InferenceSession(file)
    ids, mask = np.arange(10).reshape(2, 5), np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    return session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]


def test_attention_becomes_one_node_that_answers_alike(model, file):
    before = logits(file)
    assert fuse_attention(file, model)
    assert "Attention" in kinds(file)
    assert logits(file) == pytest.approx(before, abs=TOLERANCE)


@pytest.mark.parametrize(("added", "is_fused"), [(TOLERANCE / 100, True), (0.1, False)])
def test_a_fused_graph_that_answers_otherwise_is_dropped(model, file, monkeypatch, added, is_fused):
    """The optimiser changes the bias of the head."""
    optimise = optimizer.optimize_model

    def optimise_and_alter(*given, **named):
        found = optimise(*given, **named)
        bias = next(one for one in found.model.graph.initializer if one.name.endswith("head.bias"))
        bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) + np.float32(added), bias.name))
        return found

    monkeypatch.setattr(optimizer, "optimize_model", optimise_and_alter)
    before = logits(file)
    assert fuse_attention(file, model) is is_fused
    assert ("Attention" in kinds(file)) is is_fused
    assert np.array_equal(logits(file), before) is not is_fused
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
