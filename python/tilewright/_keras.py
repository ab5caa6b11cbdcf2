"""Keras models as PyTorch modules, and the names of their layers; Keras is not imported, only looked for."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The kernels a layer may have, and what its name is followed by if it has several.
KERNELS = (("kernel", ""), ("depthwise_kernel", ".depthwise"), ("pointwise_kernel", ".pointwise"))


def is_model(model: object) -> bool:
    """Return whether this is a Keras model; Keras is not imported to find out."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


def own_shape(model: Any) -> list[tuple[int, ...]]:
    """Return the shapes that a model takes, one an input; one that leaves lengths open is refused."""
    shapes = [tuple(image.shape) for image in getattr(model, "inputs", None) or ()]
    if not shapes or any(len(shape) < 2 or None in shape[1:] for shape in shapes):
        found = " and ".join(map(str, shapes)) or "any shape"
        raise TilewrightError(
            f"the Keras model {model.name!r} takes {found}; give input_shape without the batch, "
            "as in input_shape=(32, 32, 3), or a shape for each of several inputs"
        )
    return [shape[1:] for shape in shapes]


def check_backend(model: Any) -> None:
    """Refuse a model that is no PyTorch module, and say what to do."""
    backend = sys.modules["keras"].backend.backend()
    if backend != "torch":
        raise TilewrightError(
            f"the Keras model {model.name!r} runs on {backend}; set KERAS_BACKEND=torch before Keras is imported, "
            f'or give the file of model.export("{model.name}.onnx", format="onnx")'
        )


def layer_names(model: Any, network: _core.Network) -> dict[str, str]:
    """Return Keras's names of the layers that hold its kernels; a kernel that several layers hold tells none."""
    held: dict[bytes, list[str]] = {}
    for name, kernel in _kernels(model, ""):
        held.setdefault(kernel.tobytes(), []).append(name)
    found = {
        node: held[bytes(values)][0]
        for (node, which), values in _core.parameters(network).items()
        if which == "weights" and len(held.get(bytes(values), ())) == 1
    }
    often = Counter(found.values())
    return {node: name for node, name in found.items() if often[name] == 1}


def _kernels(model: Any, before: str) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield every kernel as a network has it, with the name of its layer, and of the layers that one is in."""
    to_numpy = sys.modules["keras"].ops.convert_to_numpy
    for layer in _layers(model):
        there = [(which, after) for which, after in KERNELS if getattr(layer, which, None) is not None]
        for which, after in there:
            values = to_numpy(getattr(layer, which)).astype(np.float32)
            name = f"{before}{layer.name}{after if len(there) > 1 else ''}"
            equation = getattr(layer, "equation", None)
            yield name, _outputs_first(values, which) if equation is None else _matrix(values, equation)
        if not there:
            yield from _kernels(layer, f"{before}{layer.name}.")


def _layers(layer: Any) -> list[Any]:
    """Return the layers that a model, or a layer such as an attention, is made of."""
    if hasattr(layer, "layers"):
        return list(layer.layers)
    inner = getattr(layer, "_flatten_layers", None)
    return [] if inner is None else list(inner(include_self=False, recursive=False))


def _outputs_first(kernel: NDArray[np.float32], which: str) -> NDArray[np.float32]:
    """Turn ``[*sides, in, out]`` into ``[out, in, *sides]``; a depthwise kernel has its channels first already."""
    *sides, first, last = range(kernel.ndim)
    order = (first, last) if which == "depthwise_kernel" else (last, first)
    return np.ascontiguousarray(kernel.transpose(*order, *sides))


def _matrix(kernel: NDArray[np.float32], equation: str) -> NDArray[np.float32]:
    """Turn the kernel of an ``EinsumDense`` into a matrix whose outputs come first."""
    inputs, outputs = equation.split("->")
    axes = inputs.split(",")[1]
    order = [axes.index(axis) for axis in [*(a for a in axes if a in outputs), *(a for a in axes if a not in outputs)]]
    return np.ascontiguousarray(kernel.transpose(order))
