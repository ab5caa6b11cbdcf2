"""Batch norms put into a trained network that computes the same with them, so that training goes on as with its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from tilewright import TilewrightError, _core
from tilewright._network import Network
from tilewright.train.module import NetworkModule, kind_of, random_deviation, scale_and_shift
from tilewright.train.quantizer import per_channel

Norm = nn.BatchNorm1d | nn.BatchNorm2d


def with_norms(folded: Network, plain: Network, images: Tensor) -> NetworkModule:
    """Return a module that computes what a folded network does, with the batch norms that `plain` has.

    Parameters
    ----------
    folded
        A network with weights and without the batch norms that follow layers.
    plain
        The same network before training, with 3D kernels; some of them may be 2D+1D kernels in `folded`.
    images
        As for :func:`set_norms`.

    Raises
    ------
    TilewrightError
        If the two are not the same network.
    """
    source, module = NetworkModule(folded), NetworkModule(plain.with_kernels(plan_of(folded, plain)))
    functions = {}
    for node in module.nodes:
        ours, theirs = module.layer(node["name"]), source.layer(node["name"])
        if kind_of(node)[0] == "BatchNorm":
            before = module.nodes[node["inputs"][0]]["name"]
            functions[node["name"]] = _added_by(source.layer(before)) if theirs is None else scale_and_shift(theirs)
        elif ours is not None:
            # The bias of a layer that a batch norm follows is left to that.
            ours.load_state_dict(theirs.state_dict(), strict=False)
    set_norms(module, functions, images)
    return module


@torch.no_grad()
def set_norms(module: NetworkModule, functions: dict[str, tuple[Tensor, Tensor]], images: Tensor) -> None:
    """Let batch norms yield scale · x + shift, with the statistics that images have there.

    Nothing says how large the weights before a batch norm should be: that does not change what is computed, but sets
    how far a training step takes them. Those of every output channel become as long as random ones.

    Parameters
    ----------
    functions
        Scale and shift of each channel, by the batch norm's name.
    images
        Normalised training images ``[images, channels, height, width]``; some hundred are enough.
    """
    hooks = []
    for name, (scale, shift) in functions.items():
        factors = _lengthen_before(module, name)
        hooks.append(module.layer(name).register_forward_pre_hook(_setting(scale / factors, shift)))
    mode = module.training
    module.eval()(images)
    module.train(mode)
    for hook in hooks:
        hook.remove()


@torch.no_grad()
def measure_norms(module: NetworkModule, batches: Iterable[Tensor]) -> None:
    """Let batch norms have the statistics of these images behind the weights as they are in evaluation.

    Those they gather while weights are noisy have the noise in them.

    Parameters
    ----------
    module
        Its mode is kept.
    batches
        Normalised images ``[images, channels, height, width]``; each batch counts the same.
    """
    norms = [part for part in module.modules() if isinstance(part, Norm)]
    mode, momenta = module.training, [norm.momentum for norm in norms]
    module.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for images in batches:
        module(images)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    module.train(mode)


def plan_of(folded: Network, plain: Network) -> str:
    """Return the kernel plan under which `plain` is `folded`.

    Raises
    ------
    TilewrightError
        If there is none.
    """
    layers = {layer.name for layer in folded.layers}
    replaced = ",".join(name for name in plain.replaceable_layers if name not in layers)
    plans = [replaced + between for between in ("", "+norm", "+norm-relu")] if replaced else ["3d"]
    form = _form(folded)
    for plan in plans:
        if _form(NetworkModule(plain.with_kernels(plan)).network().folded()) == form:
            return plan
    raise TilewrightError(
        f"{folded.name} is no {plain.name}, nor that with other kernels; give the network that it was trained as"
    )


def _form(network: Network) -> tuple[list[Any], list[tuple[str, str]]]:
    """Return what tells networks apart, the values of weights and the names of operations without weights aside."""
    nodes = json.loads(_core.graph(network._core))["nodes"]
    return [(node["op"], node["inputs"], node["shape"]) for node in nodes], sorted(_core.parameters(network._core))


def _added_by(layer: Any) -> tuple[Tensor, Tensor]:
    """Return what is left to do to the batch norm that was folded into a layer."""
    ones = torch.ones(len(layer.weight), dtype=torch.float64)
    return ones, torch.zeros_like(ones) if layer.bias is None else layer.bias.double()


def _lengthen_before(module: NetworkModule, norm: str) -> Tensor:
    """Make weights that only a batch norm sees as long as random ones; return the factor of each output channel."""
    source = next(node["inputs"][0] for node in module.nodes if node["name"] == norm)
    layer, users = module.layer(module.nodes[source]["name"]), sum(source in node["inputs"] for node in module.nodes)
    if users > 1 or not isinstance(layer, nn.Conv2d | nn.Linear):
        return torch.ones(1, dtype=torch.float64)
    rows = layer.weight.flatten(1)
    lengths = rows.double().norm(dim=1)
    factors = random_deviation(layer) * rows.shape[1] ** 0.5 / lengths
    # What is zero has no length to change.
    factors = torch.where(lengths > 0, factors, torch.ones_like(factors))
    layer.weight.mul_(per_channel(factors, layer.weight))
    if layer.bias is not None:
        layer.bias.mul_(factors)
    return factors


def _setting(scale: Tensor, shift: Tensor) -> Callable[[Norm, tuple[Tensor]], None]:
    """Return a hook that gives a batch norm the statistics of its input, and what undoes them."""

    def set_before(norm: Norm, inputs: tuple[Tensor]) -> None:
        values = inputs[0].double()
        axes = [axis for axis in range(values.ndim) if axis != 1]
        mean, variance = values.mean(axes), values.var(axes, correction=0)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
        norm.bias.copy_(shift + scale * mean)

    return set_before
