"""Where training starts: random weights, or those of a trained network, its kernels converted to the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tilewright import TilewrightError
from tilewright._convert import convert
from tilewright._network import Network, resolve
from tilewright._options import KernelPlan
from tilewright.train.data import Images
from tilewright.train.module import NetworkModule, kind_of
from tilewright.train.noise import add_memristors
from tilewright.train.norms import set_norms, with_norms
from tilewright.train.quantization import quantized
from tilewright.train.recipe import Recipe
from tilewright.train.trained import finished_module, is_as_crossbars_have_it, network_named

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Training images, the first ones, that step sizes are calibrated and statistics of batch norms measured on.
CALIBRATION_IMAGES = 1024


def starting_module(recipe: Recipe, images: Images) -> NetworkModule:
    """Return the module a recipe starts from: random weights, those of the model, or those of a trained network.

    Where weights or layer inputs are rounded, batch norms are folded and step sizes calibrated. Noise alone leaves the
    batch norms: what they take out of a batch is what digital gains and offsets, fitted anew, take out of a chip.
    """
    network = resolve(recipe.network, None)
    if recipe.start is None:
        return NetworkModule(network.with_kernels(recipe.kernels), recipe.seed)
    source = trainable_module(recipe.start, network, images)
    fit_to = images.normalized(images.pixels[: 2 * recipe.fit_images]).cpu().numpy() if recipe.fit_images else None
    kernels = _remaining(source, network.with_kernels(recipe.kernels), recipe)
    module = converted_module(source, kernels, fit_to)
    _set_norms_between(module, source, _calibration(images))
    if recipe.rounds:
        module = quantized(module, _calibration(images), recipe.weight_bits, recipe.activation_bits)
    add_memristors(module, recipe)
    return module


def trainable_module(trained: str, network: Network, images: Images) -> NetworkModule:
    """Return a trained network to go on with: where `network` has batch norms, it has them too.

    Parameters
    ----------
    trained
        Folder of a run, name of a trained network, or an ONNX file.
    network
        The same network before training, with 3D kernels.
    images
        Training images.
    """
    file = network_named(trained)
    source = finished_module(trained)
    if is_as_crossbars_have_it(source):
        raise TilewrightError(f"{trained} has quantised, noisy or stuck weights; start from the network before")
    if file is not None:
        return with_norms(file.folded(), network, _calibration(images))
    if source.name != network.name:
        raise TilewrightError(f"{trained} is a run of {source.name}; give one of {network.name}, or its network")
    return source


def converted_module(
    source: NetworkModule, kernels: KernelPlan, images: npt.NDArray[np.float32] | None = None
) -> NetworkModule:
    """Return a trained module with the planned layers converted; batch norms keep their statistics."""
    module = NetworkModule(convert(source.network(), kernels, images).network)
    module.load_alike(source)
    return module


def _set_norms_between(module: NetworkModule, source: NetworkModule, images: torch.Tensor) -> None:
    """Initialise batch norms that conversion put between kernels as the identity, until they are trained."""
    names = [node["name"] for node in module.nodes if kind_of(node)[0] == "BatchNorm"]
    new = [name for name in names if source.layer(name) is None]
    if new:
        one = torch.ones(1, dtype=torch.float64)
        set_norms(module, {name: (one, torch.zeros_like(one)) for name in new}, images)


def _remaining(source: NetworkModule, wanted: Network, recipe: Recipe) -> str:
    """Return the plan that takes the source to the kernels of a recipe, of which it may have some already."""
    shapes = {layer.name: layer.weight_shape for layer in wanted.layers}
    start = source.network()
    ranks = {name: shapes[f"{name}.2d"][0] for name in start.replaceable_layers if name not in shapes}
    for layer in start.layers:
        if layer.name in ranks:
            ranks[layer.name] //= layer.in_channels
        elif shapes.get(layer.name) != layer.weight_shape:
            raise TilewrightError(
                f"{recipe.start} has the layer {layer.name!r} of {layer.weight_shape} weights, but {recipe.network} "
                f"with the kernels {recipe.kernels} has not; give the kernels that it has, or start from another"
            )
    between = "".join(recipe.kernels.partition("+")[1:])
    return ",".join(f"{name}*{rank}" for name, rank in ranks.items()) + between if ranks else "3d"


def _calibration(images: Images) -> torch.Tensor:
    return images.normalized(images.pixels[:CALIBRATION_IMAGES]).cpu()
