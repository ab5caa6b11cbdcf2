"""Networks as ONNX files; imports `onnx`, and only when a file is written.

The batch axis is symbolic and comes first, so every axis here is one more than in the core. A node's name is the name
of its ONNX node and of the tensor that holds its values.

Roundings are written as QuantizeLinear, Clip, DequantizeLinear (QCDQ; Pappalardo et al. 2022, "QONNX"): the integers
are bytes, and the Clip says of how many bits. The four-bit types of newer operator sets would serve four bits only;
this form serves 2 to 8 in any runtime. With all 256 levels of a byte there is no Clip.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tilewright import _core
from tilewright._core import TilewrightError

#: The first operator set whose averages may be dilated; 16-bit integers came with another.
OPSET, OPSET_OF_16_BITS = 19, 21

#: The ONNX IR version of each operator set, which runtimes of its time take.
_IR_VERSION = {OPSET: 9, OPSET_OF_16_BITS: 10}

#: How far from a whole number of levels a quantised weight may be: folding a batch norm rounds once more.
_TOLERANCE = 1e-3


def model(network: _core.Network) -> onnx.ModelProto:
    """Return a network as an ONNX model.

    Raises
    ------
    TilewrightError
        If a layer has no weights, or ONNX cannot say what a node does.
    """
    return _Writer(network).model()


class _Writer:
    """A model under construction."""

    def __init__(self, network: _core.Network) -> None:
        self._graph = json.loads(_core.graph(network))
        self._nodes: list[dict[str, Any]] = self._graph["nodes"]
        self._parameters = _core.parameters(network)
        self._written: list[onnx.NodeProto] = []
        self._stored: list[TensorProto] = []
        self._names = {node["name"] for node in self._nodes}
        self._opset = OPSET

    def model(self) -> onnx.ModelProto:
        for node in self._nodes[1:]:
            op = node["op"]
            kind, settings = (op, {}) if isinstance(op, str) else next(iter(op.items()))
            if kind not in _WRITERS:
                what = settings["operator"] if kind == "Opaque" else kind
                why = "of which only the name is known" if kind == "Opaque" else "which is not written to ONNX"
                raise TilewrightError(f"node {node['name']!r} is {what}, {why}")
            _WRITERS[kind](self, node, settings)
        first, last = self._nodes[0], self._nodes[-1]
        if last is first or "Constant" in last["op"]:
            raise TilewrightError(f"{self._graph['name']} computes nothing from its image")
        graph = helper.make_graph(
            self._written, self._graph["name"], [_value_info(first)], [_value_info(last)], self._stored
        )
        opsets = [helper.make_opsetid("", self._opset)]
        version = _core.__version__
        result: onnx.ModelProto = helper.make_model(
            graph,
            opset_imports=opsets,
            ir_version=_IR_VERSION[self._opset],
            producer_name="tilewright",
            producer_version=version,
        )
        return result

    def node(self, operator: str, node: dict[str, Any], inputs: Sequence[str] | None = None, **attributes: Any) -> None:
        """Write a node that yields what `node` yields, by default from its inputs."""
        self.part(operator, inputs or self.inputs(node), node["name"], **attributes)

    def part(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Write a node named as the tensor it yields; return that name."""
        self._written.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def inputs(self, node: dict[str, Any]) -> list[str]:
        return [self._nodes[source]["name"] for source in node["inputs"]]

    def aligned(self, node: dict[str, Any]) -> list[str]:
        """Return inputs that broadcast as without the batch axis: after it, a shorter shape gets axes of length 1."""
        names = []
        for source in node["inputs"]:
            value = self._nodes[source]
            missing = len(node["shape"]) - len(value["shape"])
            if missing and "Constant" not in value["op"]:
                shape = [0] + [1] * missing + value["shape"]
                name = self.fresh(f"{value['name']}.aligned")
                names.append(self.part("Reshape", [value["name"], self.integers(name, "shape", shape)], name))
            else:
                names.append(value["name"])
        return names

    def fresh(self, wanted: str) -> str:
        """Return a name that no tensor has."""
        name, number = wanted, 0
        while name in self._names:
            number += 1
            name = f"{wanted}.{number}"
        self._names.add(name)
        return name

    def stored(self, node: str, what: str, values: NDArray[Any], exactly: str | None = None) -> str:
        """Store a tensor of a node; return its name."""
        name = exactly or self.fresh(f"{node}.{what}")
        self._stored.append(numpy_helper.from_array(np.ascontiguousarray(values).reshape(np.shape(values)), name))
        return name

    def integers(self, node: str, what: str, values: Sequence[int]) -> str:
        return self.stored(node, what, np.array(values, np.int64))

    def number(self, node: str, what: str, value: float) -> str:
        return self.stored(node, what, np.array(value, np.float32))

    def parameter(self, node: dict[str, Any], which: str) -> NDArray[np.float32] | None:
        found = self._parameters.get((node["name"], which))
        return None if found is None else np.frombuffer(found, np.float32)

    def layer(self, node: dict[str, Any], shape: Sequence[int]) -> list[str]:
        """Input, weights of `shape` and bias of a convolution or dense layer."""
        name, weights = node["name"], self.parameter(node, "weights")
        if weights is None:
            raise TilewrightError(
                f"layer {name!r} has no weights; train the network, or start from a file that has them"
            )
        inputs = [*self.inputs(node), self._weights(node, weights.reshape(shape))]
        bias = self.parameter(node, "bias")
        return inputs if bias is None else [*inputs, self.stored(name, "bias", bias)]

    def _weights(self, node: dict[str, Any], weights: NDArray[np.float32]) -> str:
        name, steps = node["name"], self.parameter(node, "levels")
        if steps is None:
            return self.stored(name, "weight", weights)
        # A channel of zeros may have no step of its own; a step must be positive.
        steps = np.where(steps > 0, steps, np.float32(1))
        levels = weights / steps.reshape(-1, *[1] * (weights.ndim - 1))
        integers = np.rint(levels)
        if (error := float(np.abs(levels - integers).max())) > _TOLERANCE:
            raise TilewrightError(f"layer {name!r} has a weight {error:.2g} levels off its quantisation levels")
        # Beyond a byte there is one integer type that every operator set dequantises.
        kind = np.int8 if integers.min() >= -128 and integers.max() <= 127 else np.int32
        step, axis = (steps[0], {}) if len(steps) == 1 else (steps, {"axis": 0})
        inputs = [self.stored(name, "weight.levels", integers.astype(kind)), self.stored(name, "weight.step", step)]
        return self.part("DequantizeLinear", inputs, self.fresh(f"{name}.weight"), **axis)

    def rounding(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        name, (least, greatest), zero = node["name"], settings["range"], settings["zero_point"]
        kinds = [kind for kind in _BYTES if _holds(kind, least, greatest, zero)]
        if not kinds:
            # No Clip of 16 bits is known to runtimes.
            kinds = [kind for kind in _WORDS if _limits(kind) == (least, greatest)]
            self._opset = OPSET_OF_16_BITS
        if not kinds:
            found = f"rounds to {least} to {greatest}"
            raise TilewrightError(f"node {name!r} {found}; 8 bits or fewer, or 16, can be written")
        kind = kinds[0]
        step = self.number(name, "step", settings["scale"])
        zero_point = self.stored(name, "zero_point", np.array(zero, kind))
        integers = self.part("QuantizeLinear", [*self.inputs(node), step, zero_point], self.fresh(f"{name}.integers"))
        # The reader names the rounding after its first node.
        self._written[-1].name = name
        if _limits(kind) != (least, greatest):
            limits = [
                self.stored(name, end, np.array(v, kind)) for end, v in (("least", least), ("greatest", greatest))
            ]
            integers = self.part("Clip", [integers, *limits], self.fresh(f"{name}.clipped"))
        self.part("DequantizeLinear", [integers, step, zero_point], name)
        self._written[-1].name = f"{name}.dequantized"

    def constant(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        values = np.array(settings["values"], np.float32).reshape(settings["shape"])
        self.stored(node["name"], "", values, exactly=node["name"])

    def convolution(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        channels = self._nodes[node["inputs"][0]]["shape"][0]
        shape = (settings["out_channels"], channels // settings["groups"], *settings["kernel"])
        self.node("Conv", node, self.layer(node, shape), group=settings["groups"], **_window(settings))

    def dense(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        features = self._nodes[node["inputs"][0]]["shape"][0]
        self.node("Gemm", node, self.layer(node, (settings["out_features"], features)), transB=1)

    def batch_norm(self, node: dict[str, Any], _: dict[str, Any]) -> None:
        channels, name = node["shape"][0], node["name"]
        scale, shift = self.parameter(node, "scale"), self.parameter(node, "shift")
        values = {
            "scale": np.ones(channels) if scale is None else scale,
            "shift": np.zeros(channels) if shift is None else shift,
            "mean": np.zeros(channels),
            "variance": np.ones(channels),
        }
        stored = [self.stored(name, what, value.astype(np.float32)) for what, value in values.items()]
        # The statistics are in scale and shift already.
        self.node("BatchNormalization", node, [*self.inputs(node), *stored], epsilon=0.0)

    def activation(self, node: dict[str, Any], settings: Any) -> None:
        kind, values = (settings, {}) if isinstance(settings, str) else next(iter(settings.items()))
        if kind not in _ACTIVATIONS:
            raise TilewrightError(f"node {node['name']!r} is {kind}, which is not written to ONNX")
        if kind == "Clip":
            limits = [self.number(node["name"], end, values[end]) for end in ("min", "max")]
            self.node("Clip", node, [*self.inputs(node), *limits])
        else:
            attributes = {"slope": "alpha", "offset": "beta"}
            self.node(kind, node, **{attributes[key]: value for key, value in values.items()})

    def pool(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        kind = settings["kind"]
        attributes: dict[str, Any] = {**_window(settings), "ceil_mode": int(settings["ceil"])}
        if kind == "Max":
            self.node("MaxPool", node, **attributes)
        else:
            counts = int(kind["Average"]["count_padding"])
            self.node("AveragePool", node, **attributes, count_include_pad=counts)

    def mean(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        axes = self.integers(node["name"], "axes", [axis + 1 for axis in settings["axes"]])
        self.node("ReduceMean", node, [*self.inputs(node), axes], keepdims=int(settings["keep_axes"]))

    def add(self, node: dict[str, Any], _: dict[str, Any]) -> None:
        inputs = self.aligned(node)
        self.node("Add" if len(inputs) == 2 else "Sum", node, inputs)

    def mul(self, node: dict[str, Any], _: dict[str, Any]) -> None:
        product, *rest = self.aligned(node)
        if not rest:
            self.node("Identity", node, [product])
        for factor in rest[:-1]:
            product = self.part("Mul", [product, factor], self.fresh(f"{node['name']}.product"))
        if rest:
            self.node("Mul", node, [product, rest[-1]])

    def concat(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        if any("Constant" in self._nodes[source]["op"] for source in node["inputs"]):
            raise TilewrightError(f"node {node['name']!r} joins a constant, which has no batch axis")
        self.node("Concat", node, axis=settings["axis"] + 1)

    def reshape(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        # 0 keeps the batch axis as it is.
        shape = self.integers(node["name"], "shape", [0, *settings["shape"]])
        self.node("Reshape", node, [*self.inputs(node), shape])

    def transpose(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        self.node("Transpose", node, perm=[0, *(axis + 1 for axis in settings["order"])])

    def cut(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        values = {
            "starts": settings["start"],
            "ends": settings["end"],
            "axes": settings["axis"] + 1,
            "steps": settings["step"],
        }
        stored = [self.integers(node["name"], what, [value]) for what, value in values.items()]
        self.node("Slice", node, [*self.inputs(node), *stored])

    def pad(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        amounts = self.integers(node["name"], "pads", [0, *settings["before"], 0, *settings["after"]])
        value = self.number(node["name"], "value", settings["value"])
        self.node("Pad", node, [*self.inputs(node), amounts, value])

    def softmax(self, node: dict[str, Any], settings: dict[str, Any]) -> None:
        self.node("Softmax", node, axis=settings["axis"] + 1)


def _value_info(node: dict[str, Any]) -> onnx.ValueInfoProto:
    info: onnx.ValueInfoProto = helper.make_tensor_value_info(node["name"], TensorProto.FLOAT, ["N", *node["shape"]])
    return info


def _window(settings: dict[str, Any]) -> dict[str, list[int]]:
    padding = settings["padding"]
    return {
        "kernel_shape": settings["kernel"],
        "strides": settings["stride"],
        "dilations": settings["dilation"],
        "pads": [padding[side] for side in ("top", "left", "bottom", "right")],
    }


_BYTES: tuple[np.dtype[Any], ...] = (np.dtype(np.uint8), np.dtype(np.int8))
_WORDS: tuple[np.dtype[Any], ...] = (np.dtype(np.uint16), np.dtype(np.int16))


def _limits(kind: np.dtype[Any]) -> tuple[int, int]:
    return int(np.iinfo(kind).min), int(np.iinfo(kind).max)


def _holds(kind: np.dtype[Any], *values: int) -> bool:
    least, greatest = _limits(kind)
    return all(least <= value <= greatest for value in values)


#: Functions whose operator has the core's name.
_ACTIVATIONS = ("Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh")

_WRITERS: dict[str, Callable[[_Writer, dict[str, Any], Any], None]] = {
    "Conv": _Writer.convolution,
    "Dense": _Writer.dense,
    "BatchNorm": _Writer.batch_norm,
    "Activation": _Writer.activation,
    "Pool": _Writer.pool,
    "Mean": _Writer.mean,
    "Add": _Writer.add,
    "Mul": _Writer.mul,
    "Concat": _Writer.concat,
    "Reshape": _Writer.reshape,
    "Transpose": _Writer.transpose,
    "Slice": _Writer.cut,
    "Pad": _Writer.pad,
    "Softmax": _Writer.softmax,
    "FakeQuantize": _Writer.rounding,
    "Constant": _Writer.constant,
}
