"""8-bit weights, with a scale for each output, and 8-bit inputs with a scale for each row, worked out as it comes.

Since each token is scaled by itself, neither the rest of its text nor its neighbours in a batch change what comes out of a product,
and one large value coarsens only its own token: the scheme of Yao et al., "ZeroQuant", 2022.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

LARGEST = 127
MIDDLE = 128
"""Stands for zero in unsigned bytes: what the processor multiplies fastest is unsigned by signed."""
FEWEST = 128
"""Inputs and outputs from which on a product is worth it."""
_TINY = 1e-12
Array = npt.NDArray[np.float32]


def quantised(model: ModelProto) -> ModelProto:
    """The model with its products by constant matrices, and its tables of vectors, in 8 bits."""
    graph = model.graph
    constants = {one.name: one for one in graph.initializer}
    nodes: list[NodeProto] = []
    added: list[TensorProto] = [
        numpy_helper.from_array(np.float32(1), "one"),
        numpy_helper.from_array(np.float32(_TINY), "tiny"),
        numpy_helper.from_array(np.float32(1 / LARGEST), "step"),
        numpy_helper.from_array(np.uint8(MIDDLE), "middle"),
    ]
    for node in graph.node:
        table = (
            constants.get(node.input[0 if node.op_type == "Gather" else 1]) if len(node.input) > 1 else None
        )
        if table is None or len(table.dims) != 2 or table.data_type != TensorProto.FLOAT:
            nodes.append(node)
            continue
        weights = numpy_helper.to_array(table)
        if node.op_type == "Gather":
            nodes += _looked_up(node, weights, added)
        elif node.op_type in ("Gemm", "MatMul") and min(weights.shape) >= FEWEST:
            turned = any(one.name == "transB" and one.i for one in node.attribute)
            nodes += _multiplied(node, weights.T if turned else weights, added)
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(added)
    used = {name for node in nodes for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.checker.check_model(model)
    return model


def _multiplied(node: NodeProto, weights: Array, added: list[TensorProto]) -> Iterator[NodeProto]:
    """`node` as a product of bytes: (rows, inputs) by (inputs, outputs)."""
    out = node.output[0]
    scales = np.maximum(np.abs(weights).max(0), _TINY).astype(np.float32) / LARGEST
    added.append(numpy_helper.from_array(np.round(weights / scales).astype(np.int8), f"{out}.weights"))
    added.append(numpy_helper.from_array(scales, f"{out}.scales"))

    def step(kind: str, inputs: list[str], name: str, **more: object) -> NodeProto:
        return helper.make_node(kind, inputs, [name], name=name, **more)

    yield step("Abs", [node.input[0]], f"{out}.size")
    yield step("ReduceMax", [f"{out}.size"], f"{out}.largest", axes=[-1], keepdims=1)
    yield step("Max", [f"{out}.largest", "tiny"], f"{out}.above")
    yield step("Mul", [f"{out}.above", "step"], f"{out}.row")
    yield step("Div", [node.input[0], f"{out}.row"], f"{out}.scaled")
    yield step("QuantizeLinear", [f"{out}.scaled", "one", "middle"], f"{out}.bytes")
    product = [f"{out}.bytes", f"{out}.weights", "one", f"{out}.scales", "middle"]
    yield step("MatMulIntegerToFloat", product, f"{out}.product", domain="com.microsoft")
    has_bias = len(node.input) > len(("rows", "weights"))
    yield step("Mul", [f"{out}.product", f"{out}.row"], f"{out}.sized" if has_bias else out)
    if has_bias:
        yield step("Add", [f"{out}.sized", node.input[2]], out)


def _looked_up(node: NodeProto, table: Array, added: list[TensorProto]) -> Iterator[NodeProto]:
    """`node` as rows of bytes with a scale each."""
    out = node.output[0]
    scales = np.maximum(np.abs(table).max(1, keepdims=True), _TINY).astype(np.float32) / LARGEST
    added.append(numpy_helper.from_array(np.round(table / scales).astype(np.int8), f"{out}.table"))
    added.append(numpy_helper.from_array(scales, f"{out}.scales"))
    yield helper.make_node("Gather", [f"{out}.table", node.input[1]], [f"{out}.bytes"], axis=0)
    yield helper.make_node("Gather", [f"{out}.scales", node.input[1]], [f"{out}.row"], axis=0)
    yield helper.make_node("Cast", [f"{out}.bytes"], [f"{out}.wide"], to=TensorProto.FLOAT)
    yield helper.make_node("Mul", [f"{out}.wide", f"{out}.row"], [out])
