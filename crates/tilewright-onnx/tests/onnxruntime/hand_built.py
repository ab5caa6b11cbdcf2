"""Models no exporter writes on request: attributes and operators in every form the standard allows."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


class Chain:
    """A model under construction; each call appends a node, by default on the output of the one before."""

    def __init__(self, opset: int, shape: list[int | str]) -> None:
        self.opset, self.shape, self.random = opset, shape, np.random.default_rng(opset)
        self.nodes, self.stored = [], []
        self.last = "image"

    def weights(self, *shape: int) -> str:
        return self.constant((self.random.standard_normal(shape) / 2).astype(np.float32))

    def ints(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))

    def constant(self, values: np.ndarray) -> str:
        name = f"constant{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def floats(self, *values: float) -> str:
        return self.constant(np.array(values, dtype=np.float32))

    def scalar(self, value: float) -> str:
        return self.constant(np.array(value, dtype=np.float32))

    def node(self, operator: str, *inputs: str, source: str | None = None, outputs: int = 1, **attributes) -> str:
        """Appends a node on `source` and then `inputs`; an empty list of the former is asked for by `source=""`."""
        sources = [] if source == "" else [source or self.last]
        name = f"{operator.lower()}{len(self.nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, [*sources, *inputs], names, name=f"/{name}", **attributes))
        self.last = names[0]
        return self.last

    def model(self) -> onnx.ModelProto:
        image = helper.make_tensor_value_info("image", FLOAT, self.shape)
        result = onnx.ValueInfoProto(name=self.last)
        graph = helper.make_graph(self.nodes, "hand_built", [image], [result], self.stored)
        opsets = [helper.make_opsetid("", self.opset)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        # The checker wants the type of the result.
        return onnx.shape_inference.infer_shapes(model)


def windows() -> onnx.ModelProto:
    """Padding rules of convolutions and pooling."""
    chain = Chain(19, [1, 2, 11, 9])
    chain.node("Conv", chain.weights(3, 2, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    chain.node("Conv", chain.weights(3, 3, 2, 4), chain.weights(3), auto_pad="SAME_LOWER", kernel_shape=[2, 4])
    x = chain.node("Conv", chain.weights(4, 3, 2, 2), pads=[0, 1, 2, 3], dilations=[2, 1], auto_pad="NOTSET")
    pools = [
        chain.node("MaxPool", source=x, kernel_shape=[3, 2], auto_pad="SAME_UPPER", strides=[2, 2]),
        chain.node("AveragePool", source=x, kernel_shape=[3, 2], auto_pad="SAME_LOWER", strides=[2, 2]),
    ]
    chain.node("Concat", *pools[1:], source=pools[0], axis=-3)
    chain.node("Conv", chain.weights(2, 4, 1, 1), auto_pad="VALID", group=2)
    for source in [x]:
        chain.node("MaxPool", source=source, kernel_shape=[2, 2], dilations=[2, 2], strides=[1, 2], pads=[1, 0, 0, 1])
        chain.node("AveragePool", source=source, kernel_shape=[2, 3], dilations=[1, 2], pads=[1, 1, 1, 1])
        for ceil in [0, 1]:
            for count in [0, 1]:
                chain.node(
                    "AveragePool",
                    source=source,
                    kernel_shape=[3, 3],
                    strides=[2, 2],
                    pads=[1, 1, 1, 1],
                    ceil_mode=ceil,
                    count_include_pad=count,
                )
        chain.node("MaxPool", source=source, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    chain.node("GlobalMaxPool")
    chain.node("Flatten")
    return chain.model()


def arithmetic() -> onnx.ModelProto:
    """Sums and products with constants of every shape, on either side."""
    chain = Chain(18, ["batch", 3, 4, 5])
    x = chain.node("Add", chain.weights(3, 1, 1))
    chain.node("Mul", chain.weights(1, 3, 4, 1))
    chain.node("Sub", chain.scalar(0.25))
    left = chain.node("Div", chain.floats(3.0))
    right = chain.node("Sub", left, source=chain.weights(5))
    chain.node("Sub", x, source=right)
    chain.node("Sum", left, right)
    chain.node("Mul", x)
    chain.node("Clip", "", chain.scalar(1.5))
    chain.node("Clip", chain.scalar(-0.5))
    chain.node("Identity")
    chain.node("Dropout")
    chain.node("Cast", to=FLOAT)
    chain.node("Expand", chain.ints(3, 1, 5))
    norm = [chain.floats(1.0, -2.0, 0.5), chain.weights(3), chain.weights(3), chain.floats(0.5, 1.0, 2.0)]
    chain.node("BatchNormalization", *norm, epsilon=1e-3)
    chain.node("ReduceMean", chain.ints(-1, 2), keepdims=0)
    chain.node("Softmax")
    return chain.model()


def layout() -> onnx.ModelProto:
    """Everything that moves values."""
    chain = Chain(18, ["N", 4, 6, 5])
    x = chain.node("Transpose", perm=[0, 2, 3, 1])
    chain.node("Slice", chain.ints(-5, 0), chain.ints(2**62, -1), chain.ints(1, -1), chain.ints(2, 1))
    chain.node("Pad", chain.ints(1, 0, 0, 2), chain.scalar(-1.0), chain.ints(1, 3))
    chain.node("Pad", chain.ints(0, 0, 1, 0, 0, 0, 0, 1))
    chain.node("Gather", chain.ints(3, 0, -1), axis=2)
    chain.node("Gather", chain.ints(0, 2), axis=2)
    chain.node("Gather", chain.constant(np.array(1)), axis=1)
    chain.node("Unsqueeze", chain.ints(1, 4))
    chain.node("Squeeze", chain.ints(-1))
    chain.nodes.append(helper.make_node("Split", [x], ["a", "b", "c"], name="/split_a", axis=1, num_outputs=3))
    chain.nodes.append(helper.make_node("Split", [x, chain.ints(1, 4)], ["d", "e"], name="/split_d", axis=2))
    chain.node("Concat", "c", source="a", axis=1)
    chain.node("Concat", chain.weights(1, 4, 5, 2), axis=3)
    shape = chain.node("Shape", source=x)
    head = chain.node("Slice", chain.ints(0), chain.ints(2), source=shape)
    count = chain.node("Gather", chain.ints(2), source=shape)
    rest = chain.node("Mul", chain.ints(2), source=count)
    chain.node("Div", chain.ints(5), source=rest)
    tail = chain.node("Cast", to=TensorProto.INT64)
    ones = chain.node("ConstantOfShape", source=chain.ints(1), value=helper.make_tensor("v", TensorProto.INT64, [1], [-1]))
    target = chain.node("Concat", tail, ones, source=head, axis=0)
    chain.node("Reshape", target, source=x)
    chain.node("Flatten", axis=-3)
    return chain.model()


def dense() -> onnx.ModelProto:
    """Matrix products in every orientation."""
    chain = Chain(13, ["N", 7])
    chain.node("Gemm", chain.weights(7, 5), chain.weights(1, 5), alpha=0.5, beta=2.0)
    chain.node("Gemm", chain.weights(6, 5), chain.scalar(0.3), transB=1)
    third = chain.node("Gemm", chain.weights(6, 4))
    turned = chain.node("Transpose", source=chain.weights(3, 4), perm=[1, 0])
    chain.node("MatMul", turned, source=third)
    chain.node("Add", chain.weights(3))
    chain.node("HardSigmoid", alpha=0.3, beta=0.4)
    return chain.model()


def matrices() -> onnx.ModelProto:
    """The last of several axes times a matrix."""
    chain = Chain(17, ["N", 3, 4, 5])
    chain.node("Transpose", perm=[0, 2, 3, 1])
    chain.node("MatMul", chain.weights(3, 6))
    chain.node("Reshape", chain.ints(0, -1, 6))
    chain.node("MatMul", chain.weights(6, 2))
    chain.node("Add", chain.weights(2))
    return chain.model()


def old() -> onnx.ModelProto:
    """What used to be attributes."""
    chain = Chain(9, [1, 3, 6, 6])
    chain.node("Conv", chain.weights(4, 3, 3, 3))
    chain.node("Clip", min=-0.5, max=0.75)
    chain.node("Pad", pads=[0, 0, 1, 0, 0, 0, 0, 1], value=0.5)
    chain.node("Slice", starts=[1], ends=[5], axes=[2])
    chain.nodes.append(helper.make_node("Split", [chain.last], ["a", "b"], name="/split", axis=1, split=[1, 3]))
    chain.node("ReduceMean", source="b", axes=[2], keepdims=1)
    chain.node("Squeeze", axes=[2])
    chain.node("Unsqueeze", axes=[2])
    chain.node("Flatten")
    chain.node("Dropout", ratio=0.3)
    chain.node("Softmax")
    return chain.model()


def tensor_types() -> onnx.ModelProto:
    """Weights in other types and fields, behind casts."""
    chain = Chain(17, [1, 2, 4, 4])
    half = chain.constant((chain.random.standard_normal((3, 2, 2, 2)) / 2).astype(np.float16))
    x = chain.last
    cast = chain.node("Cast", source=half, to=FLOAT)
    chain.node("Conv", cast, source=x)
    x = chain.last
    double = chain.node("Cast", source=chain.constant(chain.random.standard_normal(3)), to=FLOAT)
    chain.node("Reshape", chain.ints(3, 1, 1), source=double)
    chain.node("Mul", x)
    chain.node("GlobalAveragePool")
    flat = chain.node("Flatten")
    constant = chain.node("Constant", source="", value_floats=[0.5, -0.5, 1.0])
    chain.node("Add", flat, source=constant)
    chain.stored.append(helper.make_tensor("listed", FLOAT, [3], [1.0, 2.0, -1.0]))
    chain.node("Mul", "listed")
    return chain.model()


def unknown_operator() -> onnx.ModelProto:
    """Operators outside the table, whose shapes the model gives."""
    chain = Chain(17, [1, 2, 4, 4])
    chain.node("Conv", chain.weights(3, 2, 3, 3))
    chain.node("Elu")
    chain.node("LRN", size=3)
    chain.nodes.append(helper.make_node("TopK", [chain.last, chain.ints(1)], ["values", "places"], name="/topk"))
    chain.node("Relu", source="values")
    return chain.model()


MODELS = {
    "windows": windows,
    "arithmetic": arithmetic,
    "layout": layout,
    "dense": dense,
    "matrices": matrices,
    "old": old,
    "tensor-types": tensor_types,
    "unknown-operator": unknown_operator,
}
