"""Weights as memristors hold them while a network trains: noisy, and some stuck.

Noise represents programming errors and read noise: every training step draws its own. There is none in evaluation, and
the rate is the digital one. Stuck cells are a property of a chip: the same in every step and in evaluation, and in the
network that a module returns. The other weights have learned around them and would not fit without them.

Both are measured by the range of a weight's output channel: its greatest level if the weights are quantised, else its
greatest magnitude. A batch norm that is folded later scales the channel as a whole and changes nothing about them.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from tilewright.train.module import NetworkModule
from tilewright.train.quantizer import WeightQuantizer, per_channel, weight_quantizer
from tilewright.train.recipe import Recipe

#: Takes the place of a step in the key of the stuck cells' random numbers.
_NO_STEP = 2**64 - 1


class MemristorWeights(nn.Module):
    """Weights with noise and stuck cells; a parametrisation, after quantisation if there is one.

    Parameters
    ----------
    weight
        The weights, for their shape.
    noise
        Standard deviation of the noise on a weight at the end of the range, over the range.
    power
        Of a weight's part of the range that the deviation goes with; 0 if it is the same for all weights.
    stuck
        Part of the weights that are stuck: at zero, or at either end of the range, a third each.
    random
        Of the stuck weights.
    quantizer
        What rounds the weights before, if something does.
    """

    stuck: Tensor
    place: Tensor

    def __init__(
        self,
        weight: Tensor,
        noise: float,
        power: float,
        stuck: float,
        random: np.random.Generator,
        quantizer: WeightQuantizer | None,
    ) -> None:
        super().__init__()
        self.noise, self.power = noise, power
        is_stuck, place = random.random(weight.shape) < stuck, random.integers(-1, 2, weight.shape)
        # They follow from the seed and need no room in a checkpoint.
        self.register_buffer("stuck", torch.from_numpy(is_stuck), persistent=False)
        self.register_buffer("place", torch.from_numpy(place.astype(np.float32)), persistent=False)
        # In a tuple: the quantiser is a part of the layer, not of this.
        self._quantizer = (quantizer,)
        self._drawn: Tensor | None = None

    def forward(self, weight: Tensor) -> Tensor:
        """Return what the crossbar holds for weights ``[out_channels, …]``."""
        ends = self._ends(weight)
        if self.training and self._drawn is not None:
            weight = weight + self._deviation(weight.detach(), ends) * self._drawn
        return torch.where(self.stuck, ends * self.place, weight)

    def draw(self, random: np.random.Generator) -> None:
        """Draw the noise of the next step."""
        if self.noise > 0:
            drawn = random.standard_normal(self.stuck.shape, dtype=np.float32)
            self._drawn = torch.from_numpy(drawn).to(self.stuck.device)

    def _deviation(self, weight: Tensor, ends: Tensor) -> Tensor:
        if self.power == 0:
            return self.noise * ends
        # A channel of zeros has no range and no noise.
        part = weight.abs() / torch.where(ends > 0, ends, torch.ones_like(ends))
        return self.noise * ends * part**self.power

    def _ends(self, weight: Tensor) -> Tensor:
        (quantizer,) = self._quantizer
        if quantizer is None:
            return per_channel(weight.detach().flatten(1).abs().amax(1), weight)
        return per_channel((quantizer.step * quantizer.limit).detach(), weight)


def add_memristors(module: NetworkModule, recipe: Recipe) -> None:
    """Let every layer that is mapped have the noisy and stuck weights of a recipe, if it has any."""
    if not recipe.memristive:
        return
    for index, layer in enumerate(module.mapped_layers()):
        random, weight = _random(recipe.seed, _NO_STEP, index), layer.weight.detach()
        quantizer = weight_quantizer(layer)
        held = MemristorWeights(weight, recipe.weight_noise, recipe.noise_power, recipe.stuck, random, quantizer)
        parametrize.register_parametrization(layer, "weight", held)


def draw_noise(module: nn.Module, seed: int, step: int) -> None:
    """Draw the noise of a training step: the same for the same seed and step, whatever came before."""
    parts = (part for part in module.modules() if isinstance(part, MemristorWeights))
    for index, part in enumerate(parts):
        part.draw(_random(seed, step, index))


def _random(seed: int, step: int, layer: int) -> np.random.Generator:
    """Random numbers of a layer in a step; counter-based (Salmon et al. 2011), so that no draw depends on another."""
    key, counter = np.array([seed, step], np.uint64), np.array([0, 0, 0, layer], np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))
