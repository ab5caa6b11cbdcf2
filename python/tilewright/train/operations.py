"""The operations without weights, as functions of batches; one entry of `_OPERATIONS` each.

The core's axes count without the batch, so every axis here is one more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tilewright import TilewrightError

Step = Callable[..., Tensor]


def operation(name: str, kind: str, settings: Any) -> Step:
    """Return the function of a node.

    Raises
    ------
    TilewrightError
        If PyTorch cannot compute it as the core does.
    """
    if kind not in _OPERATIONS:
        what = settings["operator"] if kind == "Opaque" else kind
        raise TilewrightError(f"node {name!r} is {what}, which cannot be trained; replace it in the model")
    try:
        return _OPERATIONS[kind](settings)
    except _NotInPyTorch as difference:
        raise TilewrightError(
            f"node {name!r} is {difference}, which cannot be trained; replace it in the model"
        ) from None


class _NotInPyTorch(Exception):
    """A setting under which PyTorch's function of the same name differs from the core's."""


#: Functions of each value without settings.
_PLAIN: dict[str, Step] = {
    "Relu": F.relu,
    "Sigmoid": torch.sigmoid,
    "HardSwish": F.hardswish,
    "Tanh": torch.tanh,
    "Gelu": F.gelu,
    "GeluTanh": lambda x: F.gelu(x, approximate="tanh"),
    "Mish": F.mish,
    "Softplus": F.softplus,
    "Softsign": F.softsign,
    "Erf": torch.erf,
    "Exp": torch.exp,
    "Log": torch.log,
    "Sqrt": torch.sqrt,
    "Reciprocal": torch.reciprocal,
    "Abs": torch.abs,
    "Neg": torch.neg,
    "Sin": torch.sin,
    "Cos": torch.cos,
}


def _activation(settings: Any) -> Step:
    kind, values = (settings, {}) if isinstance(settings, str) else next(iter(settings.items()))
    # As the core rounds them: what JSON has of the greatest float32 is beyond it.
    values = {key: float(np.float32(value)) for key, value in values.items()}
    functions: dict[str, Step] = {
        **_PLAIN,
        "Clip": lambda x: torch.clamp(x, values["min"], values["max"]),
        "LeakyRelu": lambda x: F.leaky_relu(x, values["slope"]),
        "HardSigmoid": lambda x: torch.clamp(values["slope"] * x + values["offset"], 0, 1),
        "Elu": lambda x: F.elu(x, values["alpha"]),
        "Selu": lambda x: values["gamma"] * F.elu(x, values["alpha"]),
        "Celu": lambda x: F.celu(x, values["alpha"]),
        "Swish": lambda x: x * torch.sigmoid(values["slope"] * x),
        "ThresholdedRelu": lambda x: F.threshold(x, values["threshold"], 0),
    }
    if kind not in functions:
        raise _NotInPyTorch(f"the function {kind}")
    return functions[kind]


def _pool(settings: Any) -> Step:
    kind, padding = settings["kind"], settings["padding"]
    around = (padding["left"], padding["right"], padding["top"], padding["bottom"])
    kernel, stride, dilation = (tuple(settings[key]) for key in ("kernel", "stride", "dilation"))
    # PyTorch pads opposite sides alike, by half a window at most; other padding is put on by itself.
    even = (around[0], around[2]) == (around[1], around[3])
    even = even and 2 * padding["top"] <= kernel[0] and 2 * padding["left"] <= kernel[1]
    sides = (padding["top"], padding["left"]) if even else 0
    if settings["ceil"] and not even:
        # A partial window must not start in the padding at the end, which PyTorch then takes for the image.
        raise _NotInPyTorch("a pool with partial windows over uneven padding")
    if kind == "Max":

        def pool(x: Tensor) -> Tensor:
            # Padding never wins.
            x = x if even else F.pad(x, around, value=-torch.inf)
            return F.max_pool2d(x, kernel, stride, sides, dilation, settings["ceil"])

    else:
        counts = kind["Average"]["count_padding"]
        if dilation != (1, 1) or not (even or counts):
            raise _NotInPyTorch("an average over dilated windows, or with uneven padding left out")

        def pool(x: Tensor) -> Tensor:
            x = x if even else F.pad(x, around)
            return F.avg_pool2d(x, kernel, stride, sides, settings["ceil"], counts)

    return pool


def _slice(settings: Any) -> Step:
    axes = [slice(None)] * (settings["axis"] + 1)
    return lambda x: x[(*axes, slice(settings["start"], settings["end"], settings["step"]))]


def _pad(settings: Any) -> Step:
    # PyTorch lists the last axis first.
    amounts = [side for pair in zip(settings["before"], settings["after"], strict=True) for side in reversed(pair)][
        ::-1
    ]
    return lambda x: F.pad(x, amounts, value=settings["value"])


def _constant(settings: Any) -> Step:
    value = torch.tensor(settings["values"], dtype=torch.float32).reshape(1, *settings["shape"])
    return lambda: value


def _aligned(values: Sequence[Tensor]) -> list[Tensor]:
    """Return batches that broadcast as their images do: after the batch axis, a shorter shape gets axes of length 1."""
    most = max(value.dim() for value in values)
    return [value.reshape(len(value), *[1] * (most - value.dim()), *value.shape[1:]) for value in values]


def _fold(join: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Any], Step]:
    def step(*values: Tensor) -> Tensor:
        result, *others = _aligned(values)
        for value in others:
            result = join(result, value)
        return result

    return lambda _: step


def _pair(settings: Any) -> Step:
    functions: dict[str, Step] = {
        "Div": torch.div,
        "Pow": torch.pow,
        "Min": torch.minimum,
        "Max": torch.maximum,
        "PRelu": lambda x, slope: torch.where(x >= 0, x, slope * x),
    }
    if settings not in functions:
        raise _NotInPyTorch(f"the function {settings}")
    return lambda *values: functions[settings](*_aligned(values))


def _standardize(settings: Any) -> Step:
    axes = [axis + 1 for axis in settings["axes"]]

    def step(x: Tensor) -> Tensor:
        x = x - x.mean(axes, keepdim=True) if settings["mean"] else x
        return x * torch.rsqrt(x.square().mean(axes, keepdim=True) + float(np.float32(settings["epsilon"])))

    return step


def _reduce(settings: Any) -> Step:
    axes, keep = [axis + 1 for axis in settings["axes"]], settings["keep_axes"]
    functions: dict[str, Step] = {
        "Sum": lambda x: x.sum(axes, keep),
        "Min": lambda x: x.amin(axes, keep),
        "Max": lambda x: x.amax(axes, keep),
        "L1": lambda x: x.abs().sum(axes, keep),
        "L2": lambda x: x.square().sum(axes, keep).sqrt(),
        "SumOfSquares": lambda x: x.square().sum(axes, keep),
        "LogSumExp": lambda x: x.logsumexp(axes, keep),
    }
    if settings["reduction"] not in functions:
        raise _NotInPyTorch(f"the reduction {settings['reduction']}")
    return functions[settings["reduction"]]


def _select(settings: Any) -> Step:
    indices = torch.tensor(settings["indices"], dtype=torch.int64)
    return lambda x: x.index_select(settings["axis"] + 1, indices.to(x.device))


def _interpolate(settings: Any) -> Step:
    axis, taps = settings["axis"] + 1, settings["taps"]
    places = [(index, output, weight) for output, row in enumerate(taps) for index, weight in row]

    def step(x: Tensor) -> Tensor:
        weights = x.new_zeros(x.shape[axis], len(taps))
        for index, output, weight in places:
            weights[index, output] += weight
        return (x.movedim(axis, -1) @ weights).movedim(-1, axis)

    return step


def _mean(settings: Any) -> Step:
    axes, keep = [axis + 1 for axis in settings["axes"]], settings["keep_axes"]
    return lambda x: x.mean(axes, keep)


_OPERATIONS: dict[str, Callable[[Any], Step]] = {
    "Input": lambda _: lambda x: x,
    "Activation": _activation,
    "Pool": _pool,
    "Mean": _mean,
    "Add": _fold(torch.add),
    "Mul": _fold(torch.mul),
    "Concat": lambda settings: lambda *values: torch.cat(values, settings["axis"] + 1),
    "Reshape": lambda settings: lambda x: x.reshape(-1, *settings["shape"]),
    "Transpose": lambda settings: lambda x: x.permute(0, *(axis + 1 for axis in settings["order"])),
    "Slice": _slice,
    "Pad": _pad,
    "Softmax": lambda settings: lambda x: torch.softmax(x, settings["axis"] + 1),
    "LogSoftmax": lambda settings: lambda x: torch.log_softmax(x, settings["axis"] + 1),
    "MatMul": lambda _: lambda *values: torch.matmul(*_aligned(values)),
    "Pairwise": _pair,
    "Standardize": _standardize,
    "Reduce": _reduce,
    "Select": _select,
    "Interpolate": _interpolate,
    "Constant": _constant,
}
