"""Weights as the chips of a design hold them while a network trains.

Before a step the core programs the network onto a chip of the design: programming errors, stuck cells and the cells
that take over for them, drift, the noise of a read, IR drop. What the chip holds replaces every weight in that step;
gradients pass straight through, as for rounding. A network may be trained on a new chip after every few steps, to work
on any, or on one chip, whose faults it learns around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from tilewright import TilewrightError, _core
from tilewright._design import Design
from tilewright.train.module import NetworkModule, kind_of
from tilewright.train.quantizer import WeightQuantizer, per_channel, weight_quantizer

if TYPE_CHECKING:
    from tilewright.train.data import Images
    from tilewright.train.recipe import Recipe

#: Training images that what faults cost is measured on.
_IMAGES = 64


class HeldWeights(nn.Module):
    """Weights as a chip holds them, in evaluation as they were programmed; a parametrisation, after quantisation."""

    def __init__(self, quantizer: WeightQuantizer) -> None:
        super().__init__()
        # In a tuple: the quantiser is a part of the layer, not of this.
        self._quantizer = (quantizer,)
        #: What the chip holds less what was programmed, ``[out_channels, …]``, in units of one integer weight.
        self.error: Tensor | None = None

    def forward(self, weight: Tensor) -> Tensor:
        """Return what the chip holds for weights ``[out_channels, …]``."""
        if not self.training or self.error is None:
            return weight
        (quantizer,) = self._quantizer
        return weight + per_channel(quantizer.step.detach(), weight) * self.error

    @torch.no_grad()
    def take(self, held: Tensor, weight: Tensor) -> None:
        """Take what a chip holds of weights, both ``[out_channels, …]``: integers `held`, and as rounded."""
        (quantizer,) = self._quantizer
        limit = float(quantizer.limit)
        levels = (weight / per_channel(quantizer.step, weight)).round().clamp(-limit, limit)
        self.error = held.to(weight.device).reshape(weight.shape) - levels


class Chips:
    """The chips of a design that a module is trained on.

    Parameters
    ----------
    module
        Its weights are quantised; it gets :class:`HeldWeights`.
    recipe
        It has a design.
    images
        Training images.
    """

    def __init__(self, module: NetworkModule, recipe: Recipe, images: Images) -> None:
        assert recipe.design is not None
        self.design = Design(recipe.design, **_settings(recipe.settings))
        self._recipe, self._module = recipe, module
        self._images = images.normalized(images.pixels[:_IMAGES]).cpu().numpy().astype(np.float32).tobytes()
        self._layers: dict[str, tuple[nn.Module, HeldWeights]] = {}
        for node in module.nodes:
            if kind_of(node)[0] not in ("Conv", "Dense"):
                continue
            layer = module.layer(node["name"])
            quantizer = weight_quantizer(layer)
            assert quantizer is not None, "a recipe with a design has weight_bits"
            held = HeldWeights(quantizer)
            parametrize.register_parametrization(layer, "weight", held)
            self._layers[node["name"]] = (layer, held)

    def program(self, number: int) -> None:
        """Program a chip: the recipe's, or the one of a number."""
        recipe = self._recipe
        # Beyond the seeds that anybody simulates: a network is not tried on the chips that it was trained on.
        seed = (recipe.seed + 1) * 2**32 + number if recipe.chip_seed is None else recipe.chip_seed
        weights = _core.held_weights(self._module.network()._core, self.design._core, self._images, seed)
        for name, values in weights:
            layer, held = self._layers[name]
            held.take(torch.frombuffer(values, dtype=torch.float32), _rounded(layer))


def _rounded(layer: nn.Module) -> Tensor:
    """Return the weights of a layer as they were programmed."""
    quantizer = weight_quantizer(layer)
    assert quantizer is not None
    original: Tensor = layer.parametrizations["weight"].original  # type: ignore[index, union-attr]
    return quantizer(original)  # type: ignore[no-any-return]


def _settings(text: str | None) -> dict[str, str]:
    """Return settings by name, of ``NAME=VALUE,NAME=VALUE``."""
    pairs = [part.partition("=") for part in (text or "").split(",") if part.strip()]
    if wrong := [name for name, equals, value in pairs if not (equals and value)]:
        raise TilewrightError(f"settings have {wrong[0]!r}; give NAME=VALUE,NAME=VALUE")
    return {name.strip().replace("-", "_"): value.strip() for name, _, value in pairs}
