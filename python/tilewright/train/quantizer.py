"""Rounding with learned step sizes: LSQ (Esser et al. 2020, "Learned step size quantization").

Values are rounded to ``step · q``, q a whole number within a range. Backwards, rounding counts as the identity within
the range and as a constant beyond; the step gets the gradient of LSQ, damped by the number of values that share it.

Division, ties to even and the order of operations are those of the core and of ONNX, so all three round alike.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

#: Steps stay above this.
_LEAST_STEP = 1e-12


class _Rounding(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, step: Tensor, least: float, greatest: float, damping: float) -> Tensor:
        ratio = values / step
        ctx.save_for_backward(ratio, step)
        ctx.least, ctx.greatest, ctx.damping = least, greatest, damping
        return ratio.round().clamp_(least, greatest) * step

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        ratio, step = ctx.saved_tensors
        inside = (ratio >= ctx.least) & (ratio <= ctx.greatest)
        # Inside the range q − x / step, beyond it the end of the range.
        slope = ratio.round().clamp_(ctx.least, ctx.greatest) - ratio * inside
        return gradient * inside, (gradient * slope).sum_to_size(step.shape) * ctx.damping, None, None, None


class ActivationQuantizer(nn.Module):
    """What a :class:`FakeQuantize` node of a network does, with a learned step: one for all values.

    Parameters
    ----------
    settings
        Of the node: ``scale``, ``zero_point`` and ``range``.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        zero = settings["zero_point"]
        # Rounding and then adding the zero point is rounding within a shifted range.
        self._least, self._greatest = (end - zero for end in settings["range"])
        self.learned = nn.Parameter(torch.tensor([settings["scale"]], dtype=torch.float32))

    @property
    def step(self) -> Tensor:
        """Distance between neighbouring values, ``[1]``."""
        return self.learned.abs().clamp_min(_LEAST_STEP)

    def forward(self, values: Tensor) -> Tensor:
        """Round a batch ``[batch, …]``."""
        damping = 1 / math.sqrt(values[0].numel() * max(-self._least, self._greatest))
        # The convolution before may have yielded bfloat16, in which 8 bits do not fit beside a step.
        result: Tensor = _Rounding.apply(values.float(), self.step, self._least, self._greatest, damping)
        return result


class WeightQuantizer(nn.Module):
    """Weights rounded to whole multiples of a learned step per output channel (or of one for all); a parametrisation.

    Parameters
    ----------
    steps
        Distance between neighbouring weights at the start, ``[out_channels]`` or ``[1]``.
    limit
        Greatest magnitude of the whole numbers; ``2^(bits − 1) − 1``, since a pair of cells has as many levels on
        either side of zero.
    """

    limit: Tensor

    def __init__(self, steps: Tensor, limit: int) -> None:
        super().__init__()
        self.learned = nn.Parameter(steps.detach().clone().float())
        # A float, since a moving average of whole numbers would be cut to the next smaller one.
        self.register_buffer("limit", torch.tensor(float(limit)))

    @property
    def step(self) -> Tensor:
        """Distance between neighbouring weights, ``[out_channels]`` or ``[1]``."""
        return self.learned.abs().clamp_min(_LEAST_STEP)

    def forward(self, weight: Tensor) -> Tensor:
        """Round weights ``[out_channels, …]``."""
        limit = float(self.limit)
        damping = 1 / math.sqrt(weight.numel() / len(self.learned) * limit)
        result: Tensor = _Rounding.apply(weight, per_channel(self.step, weight), -limit, limit, damping)
        return result


def per_channel(values: Tensor, weight: Tensor) -> Tensor:
    """Return values ``[out_channels]`` or ``[1]`` as they broadcast to weights ``[out_channels, …]``."""
    return values.reshape(-1, *[1] * (weight.ndim - 1))


def quantize_weights(layer: nn.Module, steps: Tensor, limit: int) -> None:
    """Let the weights of a layer be rounded; what is trained is the weights before."""
    parametrize.register_parametrization(layer, "weight", WeightQuantizer(steps, limit))


def weight_quantizer(layer: nn.Module) -> WeightQuantizer | None:
    """Return what rounds the weights of a layer, if something does."""
    if not parametrize.is_parametrized(layer, "weight"):
        return None
    parts = layer.parametrizations["weight"]  # type: ignore[index]
    return next((part for part in parts if isinstance(part, WeightQuantizer)), None)
