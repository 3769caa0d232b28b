"""Scales of activations that hold for every text, measured once: else int8 finds them anew over whoever asks together.

With them an answer depends on its own text alone, so that texts may be answered in batches.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from pipelines.inference.runtime import onnxruntime
from pipelines.inference.vocabulary import vocabulary

TEXTS = 256
LEVELS = 255

Ranges = dict[str, tuple[float, float]]


def calibrate_activations(package: Path, whole: Path, texts: Sequence[str]) -> None:
    """Give the int8 graph in `package` the ranges that `texts` reach in the `whole` one; without texts it stays."""
    model = onnx.load(package / "model.onnx")
    searching = [node for node in model.graph.node if node.op_type == "DynamicQuantizeLinear"]
    if not texts or not searching:
        return
    ranges = _ranges(whole, [node.input[0] for node in searching], texts[:TEXTS])
    for node in searching:
        _fix(model.graph, node, *ranges[node.input[0]])
    for node in [node for node in model.graph.node if node.op_type == "MatMulInteger"]:
        _scaled(model.graph, node)
    onnx.save(model, package / "model.onnx")


def _ranges(whole: Path, names: Sequence[str], texts: Sequence[str]) -> Ranges:
    """The least and the greatest value of each tensor over all texts; zero is among them, as it must be exact."""
    model = onnx.load(whole / "model.onnx", load_external_data=False)
    asked = [f"{name}/{end}" for name in names for end in ("least", "greatest")]
    for name in names:
        model.graph.node.append(helper.make_node("ReduceMin", [name], [f"{name}/least"], keepdims=0))
        model.graph.node.append(helper.make_node("ReduceMax", [name], [f"{name}/greatest"], keepdims=0))
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in asked)
    file = whole / "watched.onnx"  # beside the weights of a graph that keeps them outside
    onnx.save(model, file)
    found = np.array(list(_told(file, whole, asked, texts))).reshape(len(texts), len(names), 2)
    file.unlink()
    least, greatest = np.minimum(found[..., 0].min(0), 0), np.maximum(found[..., 1].max(0), 0)
    return dict(zip(names, zip(least.tolist(), greatest.tolist(), strict=True), strict=True))


def _told(file: Path, whole: Path, asked: Sequence[str], texts: Sequence[str]) -> Iterator[list[float]]:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    card = json.loads((whole / "package.json").read_text(encoding="utf-8"))
    for tokens in vocabulary(whole / "tokenizer.json", card["max_tokens"]).ids(texts):
        ids = np.array([tokens])
        yield session.run(asked, {"input_ids": ids, "attention_mask": np.ones_like(ids)})


def _fix(graph: GraphProto, node: NodeProto, least: float, greatest: float) -> None:
    """Quantise by a fixed scale and zero point, as ONNX's DynamicQuantizeLinear would find them."""
    scale = (greatest - least) / LEVELS or 1.0
    zero = np.clip(np.round(-least / scale), 0, LEVELS)
    for name, value in zip(node.output[1:], (np.float32(scale), np.uint8(zero)), strict=True):
        graph.initializer.append(numpy_helper.from_array(np.array(value), name))
    _replace(node, "QuantizeLinear", [node.input[0], *node.output[1:]], node.output[0])


def _scaled(graph: GraphProto, product: NodeProto) -> None:
    """A product, its scales and a bias, if any, as one node, where they follow each other as the quantiser writes them.

    ONNX Runtime joins them itself only while a scale is not constant.
    """
    cast = _only(graph, product, "Cast")
    scaled = cast and _only(graph, cast, "Mul")
    if not (cast and scaled) or len(product.input) != 4:
        return
    made = {name: node for node in graph.node for name in node.output}
    scales = made.get(_other(scaled, cast))
    if scales is None or scales.op_type != "Mul":
        return
    added = _only(graph, scaled, "Add")
    bias = [_other(added, scaled)] if added else []
    if not {*bias} <= {one.name for one in graph.initializer if len(one.dims) == 1}:
        added, bias = None, []
    data, weights, *zeros = product.input
    inputs = [data, weights, *scales.input, *zeros, *bias]
    _replace(product, "MatMulIntegerToFloat", inputs, (added or scaled).output[0])
    product.domain = "com.microsoft"
    for node in filter(None, (cast, scaled, added)):
        graph.node.remove(node)


def _only(graph: GraphProto, node: NodeProto, kind: str) -> NodeProto | None:
    """The node that alone takes what another gives, if it is of that kind."""
    takers = [one for one in graph.node if node.output[0] in one.input]
    return takers[0] if [one.op_type for one in takers] == [kind] else None


def _other(node: NodeProto, known: NodeProto) -> str:
    """What a node of two inputs takes besides another's output."""
    (name,) = (name for name in node.input if name != known.output[0])
    return str(name)


def _replace(node: NodeProto, kind: str, inputs: Sequence[str], output: str) -> None:
    node.CopyFrom(helper.make_node(kind, inputs, [output], name=node.name))
