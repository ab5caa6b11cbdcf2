"""Weights without outliers.

The greatest weight of an output channel takes the greatest conductance, and every cell of the channel has errors
measured by that. The closer the other weights are to the greatest, the less the errors count (Joshi et al. 2020,
"Accurate deep neural network inference using computational phase-change memory", clip at two standard deviations of a
layer).
"""

from __future__ import annotations

import torch
from torch.nn.utils import parametrize

from tilewright.train.module import NetworkModule
from tilewright.train.quantizer import per_channel


@torch.no_grad()
def clip_weights(module: NetworkModule, limit: float) -> None:
    """Clip the weights of every mapped layer at `limit` root mean squares of their output channel."""
    for layer in module.mapped_layers():
        is_parametrized = parametrize.is_parametrized(layer, "weight")
        weight = layer.parametrizations.weight.original if is_parametrized else layer.weight
        ends = limit * per_channel(weight.flatten(1).square().mean(1).sqrt(), weight)
        weight.copy_(torch.maximum(torch.minimum(weight, ends), -ends))
