"""Models no exporter writes on request: attributes and operators in every form the standard allows."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


class Chain:
    """A model under construction; each call appends a node, by default on the output of the one before."""

    def __init__(self, opset: int, shape: list[int | str]) -> None:
        self.opset, self.shape, self.random = opset, shape, np.random.default_rng(opset)
        self.nodes, self.stored, self.functions = [], [], []
        self.domains, self.unused = [], set()
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
        taken = {name for node in self.nodes for name in node.input} | self.unused
        made = [name for node in self.nodes for name in node.output if name and name not in taken]
        # What no node takes is a result, too: what is not needed is not imported.
        results = [onnx.ValueInfoProto(name=name) for name in dict.fromkeys([self.last, *made])]
        graph = helper.make_graph(self.nodes, "hand_built", [image], results, self.stored)
        opsets = [helper.make_opsetid("", self.opset), *(helper.make_opsetid(name, 1) for name in self.domains)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10 if self.opset > 20 else 8)
        model.functions.extend(self.functions)
        # The checker wants the type of the results.
        model = onnx.shape_inference.infer_shapes(model)
        for result in model.graph.output:
            if not result.type.tensor_type.elem_type:
                result.type.tensor_type.elem_type = FLOAT
        return model


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
    chain.node("Bernoulli")
    chain.node("GlobalLpPool")
    chain.node("Relu")
    return chain.model()


def functions() -> onnx.ModelProto:
    """Every function of one value."""
    chain = Chain(20, ["N", 3, 4, 5])
    x = chain.node("Mul", chain.scalar(2.0))
    for operator in ["Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "HardSwish", "Mish", "Neg", "Round", "Sign", "Sin"]:
        chain.node(operator, source=x)
    for operator in ["Softplus", "Softsign", "Elu", "Selu", "Celu", "Gelu", "Shrink", "ThresholdedRelu", "Relu"]:
        chain.node(operator, source=x)
    for operator, settings in {
        "Elu": {"alpha": 0.5},
        "Selu": {"alpha": 1.2, "gamma": 1.4},
        "Celu": {"alpha": 1.7},
        "Gelu": {"approximate": "tanh"},
        "Shrink": {"bias": 0.25, "lambd": 1.25},
        "ThresholdedRelu": {"alpha": 0.75},
    }.items():
        chain.node(operator, source=x, **settings)
    positive = chain.node("Add", chain.scalar(0.125), source=chain.node("Abs", source=x))
    for operator in ["Sqrt", "Log", "Reciprocal"]:
        chain.node(operator, source=positive)
    return chain.model()


def swish() -> onnx.ModelProto:
    """What operator sets 24 and 23 have added."""
    chain = Chain(24, ["N", 3, 4, 5])
    chain.node("RMSNormalization", chain.weights(5))
    chain.node("Swish", alpha=1.5)
    return chain.model()


def pairs() -> onnx.ModelProto:
    """Functions of two and more values, of two tensors and of constants on either side."""
    chain = Chain(18, ["N", 3, 4, 5])
    x = chain.last
    positive = chain.node("Abs", source=x)
    other = chain.node("Mul", chain.weights(3, 1, 1), source=x)
    chain.node("Div", positive, source=x)
    chain.node("Div", positive, source=chain.floats(2.0))
    chain.node("Pow", chain.scalar(1.5), source=positive)
    chain.node("Pow", chain.constant(np.array(2)), source=x)
    chain.node("Max", other, chain.weights(4, 1), source=x)
    chain.node("Min", other, source=x)
    chain.node("Mean", other, chain.weights(5), source=x)
    chain.node("Mod", chain.floats(0.75), source=x, fmod=1)
    chain.node("PRelu", chain.weights(3, 1, 1), source=x)
    less = chain.node("Less", other, source=x)
    greater = chain.node("Greater", chain.scalar(0.5), source=x)
    either = chain.node("Or", greater, source=less)
    both = chain.node("And", greater, source=less)
    one = chain.node("Xor", either, source=both)
    none = chain.node("Not", source=one)
    floor = chain.node("Floor", source=x)
    equal = chain.node("Equal", chain.scalar(0.0), source=floor)
    chain.node("GreaterOrEqual", other, source=x)
    chain.node("LessOrEqual", other, source=x)
    chain.node("Where", x, chain.scalar(-1.0), source=none)
    chain.node("Where", x, other, source=equal)
    chain.node("Cast", source=one, to=FLOAT)
    truth = chain.node("Cast", source=floor, to=TensorProto.BOOL)
    chain.node("Cast", source=truth, to=FLOAT)
    return chain.model()


def normalizations() -> onnx.ModelProto:
    """Normalisations of every kind, and what sums to 1."""
    chain = Chain(18, ["N", 6, 4, 5])
    x = chain.last
    chain.node("LayerNormalization", chain.weights(5), chain.weights(5), source=x)
    chain.node("LayerNormalization", chain.weights(4, 5), source=x, axis=2, epsilon=0.01)
    chain.node("InstanceNormalization", chain.weights(6), chain.weights(6), source=x)
    chain.node("GroupNormalization", chain.weights(3), chain.weights(3), source=x, num_groups=3)
    chain.node("MeanVarianceNormalization", source=x, axes=[2, 3])
    chain.node("LpNormalization", source=x, axis=1)
    chain.node("LpNormalization", source=x, axis=3, p=1)
    chain.node("LRN", source=x, size=3)
    chain.node("LRN", source=x, size=5, alpha=0.5, beta=0.6, bias=1.5)
    for axis in [1, 2, -1]:
        chain.node("Softmax", source=x, axis=axis)
        chain.node("LogSoftmax", source=x, axis=axis)
    return chain.model()


def old_softmax() -> onnx.ModelProto:
    """Sums to 1 over several axes, as before operator set 13."""
    chain = Chain(11, ["N", 3, 4, 5])
    chain.node("Softmax", source="image", axis=2)
    chain.node("LogSoftmax", source="image")
    return chain.model()


def grouped_since_21() -> onnx.ModelProto:
    """Group normalisation with a scale and shift a channel."""
    chain = Chain(21, ["N", 6, 4, 5])
    chain.node("GroupNormalization", chain.weights(6), chain.weights(6), num_groups=3)
    return chain.model()


def reductions() -> onnx.ModelProto:
    """Reductions along one axis and several, kept and gone."""
    chain = Chain(18, ["N", 3, 4, 5])
    positive = chain.node("Abs")
    names = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]
    for index, name in enumerate(names):
        axes = chain.ints(*[[1], [2, 3], [-1]][index % 3])
        chain.node(f"Reduce{name}", axes, source=positive, keepdims=index % 2)
    return chain.model()


def resizes() -> onnx.ModelProto:
    """Interpolation in every mode and by every rule of coordinates."""
    chain = Chain(19, ["N", 2, 5, 6])
    x = chain.last
    scales = chain.floats(1, 1, 1.7, 0.6)
    for coordinates in ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"]:
        for mode in ["nearest", "linear", "cubic"]:
            settings = {"coordinate_transformation_mode": coordinates, "mode": mode}
            # Where corners are aligned, the standard and ONNX Runtime differ on lengths that are rounded.
            factors = chain.floats(1, 1, 1.8, 0.5) if coordinates == "align_corners" else scales
            chain.node("Resize", "", factors, source=x, **settings)
            chain.node("Resize", "", "", chain.ints(1, 2, 9, 11), source=x, **settings)
    for nearest in ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]:
        chain.node("Resize", "", chain.floats(1, 1, 2, 1.5), source=x, nearest_mode=nearest)
    chain.node("Resize", "", scales, source=x, mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    for policy in ["not_larger", "not_smaller"]:
        sizes = chain.ints(8, 7)
        chain.node("Resize", "", "", sizes, source=x, axes=[2, 3], keep_aspect_ratio_policy=policy, mode="linear")
    return chain.model()


def upsample() -> onnx.ModelProto:
    """As it was before there was Resize."""
    chain = Chain(9, ["N", 2, 3, 4])
    chain.node("Upsample", chain.floats(1, 1, 2, 3), source="image")
    chain.node("Upsample", chain.floats(1, 1, 2, 2), source="image", mode="linear")
    return chain.model()


def merged_batches() -> onnx.ModelProto:
    """Words, rows or images merged into the batch axis, and axes inserted before it."""
    chain = Chain(18, [1, 6, 4])
    x = chain.last
    words = chain.node("Reshape", chain.ints(6, 4), source=x)
    norm = [chain.weights(4), chain.weights(4), chain.weights(4), chain.floats(0.5, 1, 1.5, 2)]
    normalized = chain.node("BatchNormalization", *norm, source=words, epsilon=1e-3)
    chain.node("MatMul", chain.weights(4, 3), source=chain.node("Reshape", chain.ints(1, 6, 4), source=normalized))
    first = chain.node("Gather", chain.constant(np.array(0)), source=x, axis=1)
    heads = [chain.node("Gemm", chain.weights(5, 4), chain.weights(5), source=first, transB=1) for _ in range(2)]
    heads = [chain.node("Unsqueeze", chain.ints(0), source=head) for head in heads]
    stacked = chain.node("Concat", heads[1], source=heads[0], axis=0)
    chain.node("ReduceMean", chain.ints(0), source=stacked, keepdims=0)
    between = chain.node("Unsqueeze", chain.ints(0, -1), source=heads[0])
    chain.node("Squeeze", chain.ints(0, 1), source=between)
    chain.node("Split", source=x, axis=0, num_outputs=1)
    rows = chain.node("Reshape", chain.ints(2, 4, 3), source=x)
    rows = chain.node("Conv", chain.weights(6, 2, 2), chain.weights(6), source=rows, group=2, pads=[1, 0])
    chain.node("Reshape", chain.ints(1, -1), source=rows)
    images = chain.node("Reshape", chain.ints(3, 2, 2, 2), source=x)
    chain.node("Conv", chain.weights(2, 2, 2, 1), source=images, pads=[0, 1, 1, 0], strides=[1, 2])
    volumes = chain.node("Reshape", chain.ints(3, 1, 2, 2, 2), source=x)
    chain.node("Conv", chain.weights(2, 1, 1, 2, 2), chain.weights(2), source=volumes, pads=[1, 1, 0, 0, 0, 1])
    return chain.model()


def moves() -> onnx.ModelProto:
    """What repeats, picks, mirrors and folds values, and moves the batch axis."""
    chain = Chain(19, ["N", 4, 6, 6])
    x = chain.last
    chain.node("Tile", chain.ints(1, 2, 1, 3), source=x)
    chain.node("Gather", chain.constant(np.array([[2, 0], [1, -1]])), source=x, axis=1)
    chain.node("Gather", chain.ints(3, 0, 2), source=x, axis=2)
    chain.node("Slice", chain.ints(-1, 4), chain.ints(-100, 0), chain.ints(2, 3), chain.ints(-1, -2), source=x)
    for mode in ["reflect", "edge", "wrap"]:
        chain.node("Pad", chain.ints(0, 1, 2, 0, 0, 0, 1, 3), source=x, mode=mode)
    chain.node("Pad", chain.ints(0, 0, -1, 2, 0, 0, -2, 1), chain.scalar(0.5), source=x)
    chain.node("DepthToSpace", source=x, blocksize=2)
    chain.node("DepthToSpace", source=x, blocksize=2, mode="CRD")
    chain.node("SpaceToDepth", source=x, blocksize=3)
    pooled = chain.node("GlobalAveragePool", source=x)
    chain.node("Expand", chain.ints(1, 4, 3, 5), source=pooled)
    places = chain.node("Transpose", source=chain.node("Reshape", chain.ints(0, 4, 36), source=x), perm=[2, 0, 1])
    projected = chain.node("MatMul", chain.weights(4, 6), source=places)
    shifted = chain.node("Add", chain.weights(6), source=projected)
    heads = chain.node("Reshape", chain.ints(36, 2, 3), source=shifted)
    queries = chain.node("Transpose", source=heads, perm=[1, 0, 2])
    keys = chain.node("Transpose", source=heads, perm=[1, 2, 0])
    scores = chain.node("Softmax", source=chain.node("MatMul", keys, source=queries), axis=-1)
    mixed = chain.node("Transpose", source=chain.node("MatMul", queries, source=scores), perm=[1, 0, 2])
    joined = chain.node("Reshape", chain.ints(36, 1, 6), source=mixed)
    chain.node("Concat", shifted, source=joined, axis=2)
    chain.node("Transpose", source=joined, perm=[1, 2, 0])
    left = chain.node("MatMul", chain.last, source=chain.weights(5, 6))
    flat = chain.node("Reshape", chain.ints(-1), source=left)
    chain.node("ReduceSum", source=flat)
    chain.node("Reshape", chain.ints(1, 5, 36), source=flat)
    chain.node("MatMul", chain.weights(2, 36, 3), source=chain.node("Unsqueeze", chain.ints(1)))
    size = chain.node("Size", source=x)
    chain.node("Cast", source=size, to=FLOAT)
    chain.node("Add", chain.last, source=flat)
    return chain.model()


def transposed() -> onnx.ModelProto:
    """Transposed convolutions, and convolutions in three dimensions."""
    chain = Chain(17, ["N", 4, 5, 6])
    x = chain.last
    chain.node("ConvTranspose", chain.weights(4, 3, 2, 2), source=x, strides=[2, 2])
    chain.node("ConvTranspose", chain.weights(4, 3, 3, 2), chain.weights(6), source=x, group=2, pads=[1, 0, 0, 1])
    settings = {"strides": [3, 2], "output_padding": [2, 1], "dilations": [1, 2]}
    chain.node("ConvTranspose", chain.weights(4, 2, 3, 3), source=x, pads=[0, 1, 1, 2], **settings)
    for rule in ["SAME_UPPER", "SAME_LOWER", "VALID"]:
        chain.node("ConvTranspose", chain.weights(4, 2, 4, 3), source=x, strides=[2, 2], auto_pad=rule)
    chain.node("ConvTranspose", chain.weights(4, 2, 3, 3), source=x, strides=[2, 2], output_shape=[10, 12])
    chain.node("ConvTranspose", chain.weights(4, 2, 3), source=chain.node("Reshape", chain.ints(0, 4, 30), source=x), strides=[2])
    chain.node("Reshape", chain.ints(0, 2, 2, 5, 6), source=x)
    volume = chain.node("Conv", chain.weights(4, 2, 2, 3, 3), chain.weights(4), pads=[1, 1, 0, 0, 1, 2])
    chain.node("Conv", chain.weights(4, 2, 1, 2, 2), source=volume, group=2, strides=[1, 2, 1], dilations=[1, 1, 2])
    chain.node("ConvTranspose", chain.weights(4, 2, 2, 2, 2), source=volume, strides=[1, 2, 2])
    return chain.model()


def volumes() -> onnx.ModelProto:
    """Pooling of one and three spatial axes, and norms over windows."""
    chain = Chain(18, ["N", 2, 5, 6, 7])
    x = chain.last
    for operator in ["MaxPool", "AveragePool"]:
        chain.node(operator, source=x, kernel_shape=[2, 3, 2], strides=[2, 1, 2], pads=[1, 1, 0, 0, 1, 1])
        chain.node(operator, source=x, kernel_shape=[3, 2, 3], strides=[2, 2, 2], ceil_mode=1)
        chain.node(operator, source=x, kernel_shape=[1, 2, 2], auto_pad="SAME_UPPER")
    chain.node("MaxPool", source=x, kernel_shape=[2, 2, 2], dilations=[2, 1, 3])
    chain.node("AveragePool", source=x, kernel_shape=[3, 3, 3], pads=[1] * 6, count_include_pad=1, strides=[2, 2, 2])
    chain.node("GlobalMaxPool", source=x)
    chain.node("GlobalAveragePool", source=x)
    image = chain.node("Reshape", chain.ints(0, 2, 15, 14), source=x)
    chain.node("LpPool", source=image, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 0, 1], p=2)
    chain.node("LpPool", source=image, kernel_shape=[2, 2], p=3)
    chain.node("LpPool", source=x, kernel_shape=[2, 2, 2], p=1)
    return chain.model()


def indexing() -> onnx.ModelProto:
    """Elements taken and replaced at constant places."""
    chain = Chain(18, ["N", 3, 4, 5])
    x = chain.last

    def indices(*shape: int, below: int) -> str:
        return chain.constant(chain.random.integers(-below, below, shape, dtype=np.int64))

    chain.node("GatherElements", indices(1, 2, 4, 5, below=3), source=x, axis=1)
    chain.node("GatherElements", indices(1, 3, 4, 2, below=5), source=x, axis=-1)
    flat = chain.node("Reshape", chain.ints(12, 5), source=x)
    chain.node("GatherND", chain.constant(np.array([[1, 2], [7, -1]], dtype=np.int64)), source=flat)
    chain.node("GatherND", chain.constant(np.array([[[11], [3]]], dtype=np.int64)), source=flat)
    chain.node("GatherND", indices(1, 4, 2, below=3), source=x, batch_dims=1)
    places = chain.constant(np.array([[[[3, 0], [1, 2], [0, 4], [-1, 1]]]], dtype=np.int64))
    updates = chain.node("Slice", chain.ints(0, 0), chain.ints(1, 2), chain.ints(1, 3), source=x)
    for reduction in ["none", "add", "mul", "max", "min"]:
        chain.node("ScatterElements", places, updates, source=x, axis=3, reduction=reduction)
    rows = chain.constant(np.array([[0, 1], [0, 2]], dtype=np.int64))
    block = chain.weights(2, 4, 5)
    for reduction in ["none", "add", "mul", "max", "min"]:
        chain.node("ScatterND", rows, block, source=x, reduction=reduction)
    twice = chain.constant(np.array([[0, 1, 2], [0, 1, 2], [0, 0, 3]], dtype=np.int64))
    chain.node("ScatterND", twice, chain.weights(3, 5), source=x, reduction="add")
    chain.node("Compress", chain.constant(np.array([True, False, True])), source=x, axis=1)
    chain.node("Compress", chain.constant(np.array([False, True, True, False, True])), source=x)
    lengths = chain.constant(np.array([2, 5, 1, 3], dtype=np.int64))
    matrix = chain.node("Reshape", chain.ints(5, 4, 3), source=x)
    chain.node("ReverseSequence", lengths, source=matrix, time_axis=0, batch_axis=1)
    chain.node("Trilu", source=x)
    chain.node("Trilu", chain.constant(np.array(-1, dtype=np.int64)), source=x, upper=0)
    for settings in [{}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}]:
        chain.node("CumSum", chain.constant(np.array(2, dtype=np.int64)), source=x, **settings)
    chain.node("CenterCropPad", chain.ints(1, 4, 3, 8), source=x)
    classes = chain.node("Floor", source=x)
    depth, values = chain.scalar(3), chain.floats(-0.5, 2)
    chain.node("OneHot", depth, values, source=classes)
    chain.node("OneHot", depth, values, source=classes, axis=1)
    ones = chain.node("EyeLike", source=chain.weights(4, 5), k=1)
    chain.node("Add", ones, source=x)
    old = chain.constant(np.array([[[[0]], [[1]], [[2]]]], dtype=np.int64))
    chain.node("ScatterElements", old, chain.weights(1, 3, 1, 1), source=x, axis=3)
    return chain.model()


def rankings() -> onnx.ModelProto:
    """The greatest and least values of an axis and where they are; what comes of such integers."""
    chain = Chain(18, ["N", 3, 4, 5])
    x = chain.last
    # Of few different values, so that some are equal.
    coarse = chain.node("Round", source=x)
    for operator in ["ArgMax", "ArgMin"]:
        chain.node("Cast", source=chain.node(operator, source=coarse, axis=1), to=FLOAT)
        chain.node("Cast", source=chain.node(operator, source=coarse, axis=-1, keepdims=0, select_last_index=1), to=FLOAT)
    for settings in [{"axis": 3}, {"axis": 1, "largest": 0}]:
        chain.node("TopK", chain.ints(2), source=x, outputs=2, **settings)
        values = chain.last
        chain.node("Cast", source=values.replace("_0", "_1"), to=FLOAT)
    chain.node("Hardmax", source=coarse, axis=2)
    chain.node("Cast", source=chain.node("Cast", source=x, to=TensorProto.INT64), to=FLOAT)
    chain.node("Cast", source=chain.node("IsInf", source=chain.node("Reciprocal", source=coarse), detect_negative=0), to=FLOAT)
    chain.node("Cast", source=chain.node("IsNaN", source=chain.node("Sqrt", source=x)), to=FLOAT)
    angles = chain.node("Mul", chain.scalar(3e4), source=x)
    for operator in ["Sin", "Cos", "Tan", "Atan", "Asinh"]:
        chain.node(operator, source=angles)
    for operator in ["Sinh", "Cosh", "Tan"]:
        chain.node(operator, source=x)
    small = chain.node("Tanh", source=x)
    for operator in ["Asin", "Acos", "Atanh"]:
        chain.node(operator, source=small)
    chain.node("Acosh", source=chain.node("Add", chain.scalar(1), source=chain.node("Abs", source=x)))
    return chain.model()


def products() -> onnx.ModelProto:
    """Gemm and MatMul in forms that are no layer."""
    chain = Chain(17, ["N", 4, 5])
    image = chain.last
    x = chain.node("Reshape", chain.ints(4, 5), source=image)
    chain.node("Gemm", x, source=x, transA=1, alpha=0.5)
    chain.node("Gemm", x, chain.weights(4), source=x, transB=1, beta=2.0)
    chain.node("Gemm", chain.weights(4, 3), chain.weights(5, 3), source=x, transA=1, beta=0.5)
    chain.node("Gemm", chain.weights(5, 3), chain.weights(4, 3), source=x)
    chain.node("MatMul", chain.weights(5), source=x)
    chain.node("MatMul", x, source=chain.weights(4))
    row = chain.node("Reshape", chain.ints(5), source=chain.node("Slice", chain.ints(0), chain.ints(1), source=x))
    chain.node("MatMul", row, source=x)
    chain.node("MatMul", row, source=row)
    return chain.model()


def offset_weights() -> onnx.ModelProto:
    """Integer weights whose zero point is not in the middle of their range."""
    chain = Chain(17, ["N", 4, 9, 8])

    def integers(zero_points: list[int], *shape: int, axis: int = 0) -> str:
        stored = chain.constant(chain.random.integers(0, 256, shape).astype(np.uint8))
        many = len(zero_points) > 1
        scales = chain.floats(*np.linspace(0.01, 0.02, len(zero_points))) if many else chain.scalar(0.015)
        points = np.array(zero_points if many else zero_points[0], dtype=np.uint8)
        return chain.node("DequantizeLinear", scales, chain.constant(points), source=stored, axis=axis)

    level = [chain.scalar(0.04), chain.constant(np.array(120, dtype=np.uint8))]
    x = chain.node("DequantizeLinear", *level, source=chain.node("QuantizeLinear", *level))
    chain.node("Conv", integers([37], 6, 4, 3, 2), chain.weights(6), source=x, pads=[1, 0, 2, 1], strides=[2, 1])
    grouped = integers([0, 255, 10, 200], 4, 2, 3, 3)
    chain.node("Conv", grouped, source=x, group=2, dilations=[2, 1], pads=[1, 1, 1, 1])
    line = chain.node("Reshape", chain.ints(0, 4, 72), source=x)
    chain.node("Conv", integers([0], 2, 4, 5), source=line, strides=[3])
    chain.node("MatMul", integers([255], 72, 3), source=line)
    flat = chain.node("Reshape", chain.ints(0, 288), source=x)
    chain.node("Gemm", integers([3, 128], 2, 288), chain.weights(2), source=flat, transB=1, alpha=0.5)
    return chain.model()


def attentions() -> onnx.ModelProto:
    """Attention as one operator: heads in an axis of their own or not, shared keys, masks, bounded scores."""
    chain = Chain(23, ["N", 6, 8])
    x = chain.last
    heads = {"q_num_heads": 4, "kv_num_heads": 4}
    chain.node("Attention", x, x, source=x, **heads)
    chain.node("Attention", x, x, source=x, is_causal=1, scale=0.3, **heads)
    chain.node("Attention", x, x, chain.weights(6, 6), source=x, softcap=1.5, **heads)
    mask = chain.constant(chain.random.integers(0, 2, (6, 6)).astype(bool) | np.eye(6, dtype=bool))
    chain.node("Attention", x, x, mask, source=x, **heads)
    shared = chain.node("Slice", chain.ints(0), chain.ints(4), chain.ints(2), source=x)
    chain.node("Attention", shared, shared, source=x, q_num_heads=4, kv_num_heads=2)
    turned = chain.node("Reshape", chain.ints(0, 2, 6, 4), source=x)
    chain.node("Attention", turned, turned, source=turned)
    return chain.model()


def bits() -> onnx.ModelProto:
    """Bits of constants."""
    chain = Chain(18, ["N", 3])
    x = chain.last
    left, right = (chain.constant(np.array(values, dtype=np.uint8)) for values in [[200, 7, 90], [3, 1, 5]])
    made = [chain.node("BitShift", right, source=left, direction=direction) for direction in ["LEFT", "RIGHT"]]
    made += [chain.node(f"Bitwise{operator}", right, source=left) for operator in ["And", "Or", "Xor"]]
    made.append(chain.node("BitwiseNot", source=left))
    for name in made:
        chain.node("Mul", chain.node("Cast", source=name, to=FLOAT), source=x)
    return chain.model()


def half_precision() -> onnx.ModelProto:
    """Floats of 16 bits. One operation each: between several, ONNX Runtime leaves roundings out."""
    chain = Chain(17, ["N", 3, 6, 6])
    x, half = chain.last, TensorProto.FLOAT16
    halves = chain.node("Cast", source=x, to=half)
    factors = chain.constant((chain.random.standard_normal((3, 1, 1)) / 2).astype(np.float16))
    results = [halves, chain.node("Mul", factors, source=halves), chain.node("Sigmoid", source=halves)]
    results.append(chain.node("MaxPool", source=halves, kernel_shape=[2, 2]))
    for name in results:
        chain.node("Cast", source=name, to=FLOAT)
    return chain.model()


def old_scatter() -> onnx.ModelProto:
    """Scatter as it was called before operator set 11."""
    chain = Chain(10, ["N", 3, 4])
    places = chain.constant(np.array([[[0, 1, 2, 0]]], dtype=np.int64))
    chain.node("Scatter", places, chain.weights(1, 1, 4), axis=1)
    return chain.model()


def einsums() -> onnx.ModelProto:
    """Products by the names of axes: with constants, of two feature maps, sums, diagonals, axes without names."""
    chain = Chain(17, ["N", 3, 4, 4])
    x = chain.last
    chain.node("Einsum", chain.weights(4, 5), source=x, equation="bchw,wo->bcho")
    chain.node("Einsum", source=chain.weights(5, 3), *[x], equation="oc,bchw->bohw")
    chain.node("Einsum", chain.weights(3, 4, 6), source=x, equation="bchw,cho->bwo")
    chain.node("Einsum", x, source=x, equation="bchw,bcwk->bchk")
    chain.node("Einsum", x, source=x, equation="bchw,bdhw->bcd")
    chain.node("Einsum", x, source=x, equation="bchw,bchw->bchw")
    chain.node("Einsum", chain.weights(3, 4), source=x, equation="bchw,ch->bcwh")
    chain.node("Einsum", source=x, equation="bchw->bwc")
    chain.node("Einsum", source=x, equation="bchh->bhc")
    chain.node("Einsum", chain.weights(4, 2), source=x, equation="...w,wo->...o")
    chain.node("Einsum", chain.weights(3, 2), chain.weights(2, 4), source=x, equation="bchw,cr,rk->bkhw")
    flat = chain.node("Reshape", chain.ints(12, 4), source=x)
    chain.node("Einsum", chain.weights(4, 2), source=flat, equation="ij,jk")
    chain.node("Einsum", flat, source=flat, equation="ij,kj->ik")
    return chain.model()


def constants() -> onnx.ModelProto:
    """Weights and shapes that are computed from constants."""
    chain = Chain(18, ["N", 3, 6, 6])
    x = chain.last
    weights = chain.weights(4, 3, 3, 3)
    mean = chain.node("ReduceMean", chain.ints(1, 2, 3), source=weights)
    centered = chain.node("Sub", mean, source=weights)
    squares = chain.node("Mul", centered, source=centered)
    variance = chain.node("ReduceMean", chain.ints(1, 2, 3), source=squares)
    deviation = chain.node("Sqrt", source=chain.node("Add", chain.scalar(1e-5), source=variance))
    standard = chain.node("Div", deviation, source=centered)
    conv = chain.node("Conv", standard, source=x)
    counted = chain.node("Range", chain.constant(np.array(4)), chain.constant(np.array(1)), source=chain.constant(np.array(0)))
    even = chain.node("Equal", chain.constant(np.array(0)), source=chain.node("Mod", chain.constant(np.array(2)), source=counted))
    chosen = chain.node("Where", chain.floats(1.0, 2.0, 3.0, 4.0), chain.scalar(0.5), source=even)
    chain.node("Mul", chain.node("Unsqueeze", chain.ints(1, 2), source=chosen), source=conv)
    scaled = chain.last
    shape = chain.node("Shape", source=scaled)
    spatial = chain.node("Slice", chain.ints(2), chain.ints(4), source=shape)
    count = chain.node("ReduceProd", source=spatial, keepdims=1)
    target = chain.node("Concat", count, source=chain.ints(0, 4), axis=0)
    chain.node("Reshape", target, source=scaled)
    flat = chain.last
    byte = chain.node("Cast", source=chain.constant(np.array([1, 300, -2, 7], dtype=np.int32)), to=TensorProto.UINT8)
    chain.node("Mul", chain.node("Unsqueeze", chain.ints(1), source=chain.node("Cast", source=byte, to=FLOAT)), source=flat)
    last = chain.last
    inner = {}
    for name, operator in [("then_branch", "Relu"), ("else_branch", "Mystery")]:
        node = helper.make_node(operator, [last], [f"{operator}.result"])
        inner[name] = helper.make_graph([node], name, [], [onnx.ValueInfoProto(name=f"{operator}.result")])
    inner["else_branch"].node[0].op_type = "Neg"
    chain.node("If", source=chain.node("Greater", chain.ints(2), source=count), **inner)
    return chain.model()


def local_functions() -> onnx.ModelProto:
    """Functions that call functions, with attributes of the call and by default."""
    chain = Chain(17, ["N", 3, 6, 6])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    leaky = helper.make_node("LeakyRelu", ["c"], ["y"])
    leaky.attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT))
    block = helper.make_function(
        "local",
        "Block",
        ["x", "w"],
        ["y"],
        [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]), leaky],
        opsets,
        attributes=[],
        attribute_protos=[helper.make_attribute("slope", 0.25)],
    )
    twice = helper.make_function(
        "local",
        "Twice",
        ["x", "w", "v"],
        ["y"],
        [
            helper.make_node("Block", ["x", "w"], ["c"], domain="local", slope=0.5),
            helper.make_node("Block", ["c", "v"], ["y"], domain="local"),
        ],
        opsets,
    )
    chain.functions, chain.domains = [block, twice], ["local"]
    chain.node("Twice", chain.weights(4, 3, 3, 3), chain.weights(4, 4, 3, 3), domain="local")
    chain.node("Twice", chain.weights(2, 4, 3, 3), chain.weights(2, 2, 3, 3), domain="local")
    return chain.model()


def qonnx() -> onnx.ModelProto:
    """Weights of 4 bits and of 1, activations of 8 and 4, integers cut. No scale is a simple fraction of another: sums then lie between levels."""
    domain = "qonnx.custom_op.general"
    chain = Chain(17, ["N", 3, 6, 6])
    chain.domains = [domain]
    zero, four, eight = chain.scalar(0), chain.scalar(4), chain.scalar(8)
    x = chain.node("Quant", chain.scalar(0.047), zero, eight, domain=domain, signed=1, narrow=1)
    weights = chain.weights(4, 3, 3, 3)
    scales = chain.constant(np.array([0.11, 0.13, 0.17, 0.19], dtype=np.float32).reshape(4, 1, 1, 1))
    weights = chain.node("Quant", scales, zero, four, source=weights, domain=domain, signed=1, narrow=1)
    chain.node("Conv", weights, source=x)
    chain.node("Relu")
    x = chain.node("Quant", chain.scalar(0.31), zero, four, domain=domain, signed=0, narrow=0)
    bipolar = chain.node("BipolarQuant", chain.scalar(0.23), source=chain.weights(2, 4, 1, 1), domain=domain)
    x = chain.node("Conv", bipolar, source=x)
    x = chain.node("BipolarQuant", chain.scalar(0.29), source=x, domain=domain)
    x = chain.node("Quant", chain.scalar(0.07), zero, eight, source=chain.node("Add", x, source=x), domain=domain, signed=1)
    chain.node("Trunc", chain.scalar(0.07), zero, eight, four, source=x, domain=domain)
    return chain.model()


def to_quantize() -> onnx.ModelProto:
    """Operators that ONNX Runtime has of integers, too."""
    chain = Chain(17, [1, 3, 8, 8])
    x = chain.node("Conv", chain.weights(4, 3, 3, 3), chain.weights(4), pads=[1, 1, 1, 1])
    leaky = chain.node("LeakyRelu", source=x, alpha=0.2)
    gate = chain.node("Sigmoid", source=x)
    product = chain.node("Mul", gate, source=leaky)
    chain.node("Add", product, source=x)
    pooled = chain.node("AveragePool", kernel_shape=[2, 2], strides=[2, 2])
    greatest = chain.node("MaxPool", source=x, kernel_shape=[2, 2], strides=[2, 2])
    joined = chain.node("Concat", greatest, source=pooled, axis=1)
    rows = chain.node("Reshape", chain.ints(1, 8, 16), source=joined)
    columns = chain.node("Transpose", source=rows, perm=[0, 2, 1])
    chain.node("MatMul", columns, source=rows)
    chain.node("MatMul", chain.weights(8, 5))
    chain.node("Softmax", axis=-1)
    return chain.model()


def recurrent() -> onnx.ModelProto:
    """Recurrent layers in every form, over a sequence of five steps of four values; the last one takes the states of another."""
    chain = Chain(17, [1, 5, 4])
    image = chain.node("Transpose", perm=[1, 0, 2])

    def layer(operator: str, gates: int, directions: int, *more: str, source=image, inputs=4, biased=True, **settings):
        hidden = 3
        weights = chain.weights(directions, gates * hidden, inputs)
        state = chain.weights(directions, gates * hidden, hidden)
        bias = chain.weights(directions, 2 * gates * hidden) if biased else ""
        outputs = 3 if operator == "LSTM" else 2
        chain.node(operator, weights, state, bias, *more, source=source, outputs=outputs, hidden_size=hidden, **settings)

    layer("RNN", 1, 1)
    layer("RNN", 1, 2, "", chain.weights(2, 1, 3), direction="bidirectional", activations=["Relu", "Tanh"])
    layer("GRU", 3, 1)
    layer("GRU", 3, 1, biased=False, direction="reverse", linear_before_reset=1)
    layer("GRU", 3, 2, "", chain.weights(2, 1, 3), direction="bidirectional", linear_before_reset=1)
    layer("GRU", 3, 2, "", chain.weights(2, 1, 3), direction="bidirectional")
    layer("LSTM", 4, 1)
    layer("LSTM", 4, 1, chain.constant(np.array([5], np.int32)), biased=False, direction="reverse")
    layer("LSTM", 4, 2, "", chain.weights(2, 1, 3), chain.weights(2, 1, 3), direction="bidirectional")
    layer("LSTM", 4, 1)
    states = chain.node("Squeeze", chain.ints(1))
    layer("GRU", 3, 1, source=states, inputs=3)
    return chain.model()


MODELS = {
    "recurrent": recurrent,
    "windows": windows,
    "arithmetic": arithmetic,
    "layout": layout,
    "dense": dense,
    "matrices": matrices,
    "old": old,
    "tensor-types": tensor_types,
    "functions": functions,
    "swish": swish,
    "pairs": pairs,
    "normalizations": normalizations,
    "old-softmax": old_softmax,
    "grouped-since-21": grouped_since_21,
    "reductions": reductions,
    "resizes": resizes,
    "upsample": upsample,
    "merged-batches": merged_batches,
    "moves": moves,
    "transposed": transposed,
    "volumes": volumes,
    "indexing": indexing,
    "old-scatter": old_scatter,
    "einsums": einsums,
    "rankings": rankings,
    "products": products,
    "bits": bits,
    "attentions": attentions,
    "offset-weights": offset_weights,
    "half-precision": half_precision,
    "constants": constants,
    "local-functions": local_functions,
    "qonnx": qonnx,
    "unknown-operator": unknown_operator,
}
