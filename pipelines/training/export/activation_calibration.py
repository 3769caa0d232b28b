"""Static activation scales, calibrated once.

With dynamic scales int8 would compute them over the whole batch, and an answer would depend on the other texts in it.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from pipelines.inference.runtime import onnxruntime
from pipelines.inference.truncation import HEAD
from pipelines.inference.vocabulary import load_vocabulary

TEXTS = 256
LEVELS = 255

Ranges = dict[str, tuple[float, float]]


def calibrate_activations(package: Path, fp32: Path, texts: Sequence[str]) -> None:
    """Write static scales into the int8 graph in `package`, from the ranges of `texts` in the fp32 graph in `fp32`.

    Without texts the scales stay dynamic.
    """
    model = onnx.load(package / "model.onnx")
    dynamic = [node for node in model.graph.node if node.op_type == "DynamicQuantizeLinear"]
    if not texts or not dynamic:
        return
    ranges = activation_ranges(fp32, [node.input[0] for node in dynamic], texts[:TEXTS])
    for node in dynamic:
        _set_static_scale(model.graph, node, *ranges[node.input[0]])
    for node in [node for node in model.graph.node if node.op_type == "MatMulInteger"]:
        fuse_product(model.graph, node)
    onnx.save(model, package / "model.onnx")


def activation_ranges(fp32: Path, names: Sequence[str], texts: Sequence[str]) -> Ranges:
    """Least and greatest value of each tensor over all texts; the range contains zero, which must be exact."""
    model = onnx.load(fp32 / "model.onnx", load_external_data=False)
    outputs = [f"{name}/{end}" for name in names for end in ("least", "greatest")]
    for name in names:
        model.graph.node.append(helper.make_node("ReduceMin", [name], [f"{name}/least"], keepdims=0))
        model.graph.node.append(helper.make_node("ReduceMax", [name], [f"{name}/greatest"], keepdims=0))
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in outputs)
    file = fp32 / "watched.onnx"  # beside the weights, which a graph may keep in files of their own
    onnx.save(model, file)
    values = np.array(list(_observe(file, fp32, outputs, texts))).reshape(len(texts), len(names), 2)
    file.unlink()
    least, greatest = np.minimum(values[..., 0].min(0), 0), np.maximum(values[..., 1].max(0), 0)
    return dict(zip(names, zip(least.tolist(), greatest.tolist(), strict=True), strict=True))


def _observe(file: Path, fp32: Path, outputs: Sequence[str], texts: Sequence[str]) -> Iterator[list[float]]:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    metadata = json.loads((fp32 / "package.json").read_text(encoding="utf-8"))
    truncation = metadata.get("truncation", HEAD)
    for tokens in load_vocabulary(fp32 / "tokenizer.json", metadata["max_tokens"], truncation).ids(texts):
        ids = np.array([tokens])
        yield session.run(outputs, {"input_ids": ids, "attention_mask": np.ones_like(ids)})


def _set_static_scale(graph: GraphProto, node: NodeProto, least: float, greatest: float) -> None:
    """Quantise by a fixed scale and zero point, computed as ONNX's DynamicQuantizeLinear does."""
    scale = (greatest - least) / LEVELS or 1.0
    zero = np.clip(np.round(-least / scale), 0, LEVELS)
    for name, value in zip(node.output[1:], (np.float32(scale), np.uint8(zero)), strict=True):
        graph.initializer.append(numpy_helper.from_array(np.array(value), name))
    _replace(node, "QuantizeLinear", [node.input[0], *node.output[1:]], node.output[0])


def fuse_product(graph: GraphProto, product: NodeProto) -> None:
    """Fuse a product, its scales and its bias, if any, into one node, if they follow each other as quantised.

    ONNX Runtime fuses them itself only while a scale is not constant.
    """
    cast = _only_consumer(graph, product, "Cast")
    multiply = cast and _only_consumer(graph, cast, "Mul")
    if not (cast and multiply) or len(product.input) != 4:
        return
    producers = {name: node for node in graph.node for name in node.output}
    scales = producers.get(_other_input(multiply, cast))
    if scales is None or scales.op_type != "Mul":
        return
    add = _only_consumer(graph, multiply, "Add")
    bias = [_other_input(add, multiply)] if add else []
    if not {*bias} <= {tensor.name for tensor in graph.initializer if len(tensor.dims) == 1}:
        add, bias = None, []
    data, weights, *zeros = product.input
    inputs = [data, weights, *scales.input, *zeros, *bias]
    _replace(product, "MatMulIntegerToFloat", inputs, (add or multiply).output[0])
    product.domain = "com.microsoft"
    for node in filter(None, (cast, multiply, add)):
        graph.node.remove(node)


def _only_consumer(graph: GraphProto, node: NodeProto, operator: str) -> NodeProto | None:
    """The only consumer of a node's output, if it has that operator."""
    consumers = [consumer for consumer in graph.node if node.output[0] in consumer.input]
    return consumers[0] if [consumer.op_type for consumer in consumers] == [operator] else None


def _other_input(node: NodeProto, known: NodeProto) -> str:
    """The input of a node of two inputs that is not `known`'s output."""
    (name,) = (name for name in node.input if name != known.output[0])
    return str(name)


def _replace(node: NodeProto, operator: str, inputs: Sequence[str], output: str) -> None:
    node.CopyFrom(helper.make_node(operator, inputs, [output], name=node.name))
