import shutil

import numpy as np
import onnx
import pytest
import torch
import transformers
from onnx import TensorProto, helper

from pipelines.inference.packaged import ModelPackage
from pipelines.training.export.activation_calibration import activation_ranges, fuse_product
from pipelines.training.export.packaging import fp32_package, package
from pipelines.training.network.encoder import load_pretrained
from tests.conftest import small_rows, topics_model

TEXTS = [text for text, _ in small_rows(40)]
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
FAMILIES = {
    "RoBERTa": (transformers.RobertaModel, transformers.RobertaConfig(vocab_size=400, **SIZES)),
    "DistilBERT": (
        transformers.DistilBertModel,
        transformers.DistilBertConfig(vocab_size=400, dim=32, n_layers=2, n_heads=4, hidden_dim=64),
    ),
    "ModernBERT": (
        transformers.ModernBertModel,
        transformers.ModernBertConfig(vocab_size=400, pad_token_id=0, **SIZES),
    ),
}


def trained(spec):
    torch.manual_seed(3)
    model, tokenizer = load_pretrained(spec.base_model, 3, 0.0)
    torch.nn.init.normal_(model.head.weight)
    return model, tokenizer


@pytest.fixture(scope="module")
def packages(tiny_encoder, tmp_path_factory):
    """Two packages of one network: with calibrated activation scales, and without."""
    folder = tmp_path_factory.mktemp("packages")
    spec = topics_model(folder / "unread.csv", tiny_encoder)
    return {
        fixed: package(*trained(spec), spec, folder / f"{fixed}", TEXTS if fixed else ()) for fixed in (True, False)
    }


def kinds(folder):
    return [node.op_type for node in onnx.load(folder / "model.onnx").graph.node]


def test_an_answer_depends_on_no_text_that_is_asked_beside_it(packages):
    loaded = {fixed: ModelPackage.load(folder) for fixed, folder in packages.items()}
    apart = {
        fixed: np.abs(one.with_batch_size(8).logits(TEXTS) - one.with_batch_size(1).logits(TEXTS)).max()
        for fixed, one in loaded.items()
    }
    assert apart[True] == 0 < 1e-5 < apart[False]


def test_the_fixed_graph_answers_nearly_as_the_whole_one(packages, topics, tmp_path):
    model, tokenizer = trained(topics)
    small = ModelPackage.load(packages[True])
    with fp32_package(model, tokenizer, topics, tmp_path / "other") as whole:
        expected = ModelPackage.load(whole).logits(TEXTS)
    assert small.logits(TEXTS) == pytest.approx(expected, abs=0.1 * float(np.abs(expected).max()))


def test_each_product_is_one_node_and_nothing_is_searched(packages):
    found = kinds(packages[True])
    assert {"MatMulIntegerToFloat", "QuantizeLinear"} <= set(found)
    assert not {"DynamicQuantizeLinear", "MatMulInteger"} & set(found)


def test_a_package_without_texts_keeps_its_own_scales(packages):
    assert "DynamicQuantizeLinear" in kinds(packages[False])


def test_ranges_are_those_of_all_texts_and_hold_zero(topics, tmp_path):
    model, tokenizer = trained(topics)
    with fp32_package(model, tokenizer, topics, tmp_path / "package") as whole:
        graph = onnx.load(whole / "model.onnx").graph
        names = [node.output[0] for node in graph.node if node.op_type in ("LayerNormalization", "Attention")]
        alone, others = activation_ranges(whole, names, TEXTS[:1]), activation_ranges(whole, names, TEXTS[1:])
        together = activation_ranges(whole, names, TEXTS)
    assert names
    for name in names:
        least, greatest = zip(alone[name], others[name], strict=True)
        assert together[name] == (min(least), max(greatest))
        assert together[name][0] <= 0 <= together[name][1]


@pytest.mark.parametrize("family", FAMILIES)
def test_encoders_of_other_families_answer_alike_in_batches_too(family, topics, tiny_encoder, tmp_path):
    kind, config = FAMILIES[family]
    base = tmp_path / "base"
    shutil.copytree(tiny_encoder, base)
    torch.manual_seed(0)
    kind(config).save_pretrained(base)
    spec = topics.model_copy(update={"base_model": str(base)})
    packaged = ModelPackage.load(package(*trained(spec), spec, tmp_path / "package", TEXTS))
    assert packaged.with_batch_size(8).logits(TEXTS) == pytest.approx(packaged.logits(TEXTS), abs=1e-4)
    assert not {"DynamicQuantizeLinear", "MatMulInteger"} & set(kinds(tmp_path / "package"))


@pytest.mark.parametrize("missing", ["bias", "scales", "zeros", "nothing"])
def test_only_a_product_with_its_scales_is_joined_with_a_bias_where_there_is_one(missing):
    weights = helper.make_tensor("w", TensorProto.INT8, [2, 2], [1, 2, 3, 4])
    scalars = [helper.make_tensor(name, TensorProto.FLOAT, [], [0.5]) for name in ("a", "b")]
    bias = helper.make_tensor("bias", TensorProto.FLOAT, [2], [1.0, 2.0])
    zeros = [] if missing == "zeros" else ["zero", "none"]
    nodes = [
        helper.make_node("MatMulInteger", ["x", "w", *zeros], ["product"]),
        helper.make_node("Cast", ["product"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["cast", "a" if missing == "scales" else "scales"], ["scaled"]),
        helper.make_node("Add", ["scaled", "residual" if missing == "bias" else "bias"], ["y"]),
        helper.make_node("Mul", ["a", "b"], ["scales"]),
    ]
    graph = helper.make_graph(nodes, "products", [], [], [weights, *scalars, bias])
    fuse_product(graph, graph.node[0])
    joined = [list(node.input)[2:] + list(node.output) for node in graph.node if "ToFloat" in node.op_type]
    expected = {"nothing": [["a", "b", *zeros, "bias", "y"]], "bias": [["a", "b", *zeros, "scaled"]]}
    assert joined == expected.get(missing, [])
