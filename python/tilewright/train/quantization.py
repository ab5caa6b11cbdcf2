"""Quantisation of a trained network: weights and the inputs of the layers that are mapped.

Batch norms are folded first, so what is rounded, and trained on, is what is programmed on the crossbars. Inputs are
what the digital-to-analog converters feed; sums, biases and everything between layers stay digital and are not rounded.

:func:`quantized` alone is post-training quantisation. Training what it returns is quantisation-aware training, in which
weights and step sizes learn (LSQ; Esser et al. 2020).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tilewright import TilewrightError, _core
from tilewright._network import Network
from tilewright.train.module import NetworkModule, kind_of
from tilewright.train.quantizer import quantize_weights

#: How the step sizes of a quantisation are found.
METHODS = ("mse", "percentile", "max")

#: Bits that the image keeps at least: its values are few, and every layer after it needs them.
IMAGE_BITS = 8

#: Part of the values that a percentile calibration leaves within the range.
PERCENTILE = 0.9999

#: Values of a layer's input that its step size is found on.
_SAMPLE = 1 << 17

#: Images per batch of a calibration.
_BATCH = 128


def quantized(
    module: NetworkModule,
    images: Tensor,
    weight_bits: int | None = 8,
    activation_bits: int | None = 8,
    method: str = "mse",
) -> NetworkModule:
    """Return a module with batch norms folded, and weights and layer inputs rounded.

    Weights are symmetric per output channel, ±(2^(bits − 1) − 1) steps. Inputs have one step per feature map: 0 to
    2^bits − 1 where they cannot be negative, as after a ReLU, else −2^(bits − 1) to 2^(bits − 1) − 1.

    Parameters
    ----------
    module
        A trained module; it is not changed.
    images
        What inputs are calibrated on, ``[images, channels, height, width]``, normalised; some hundred are enough.
    weight_bits, activation_bits
        2 to 8, or ``None`` for no rounding. The image is rounded to 8 bits at least.
    method
        ``mse`` for the least mean squared error of rounding, ``percentile`` to clip one of 10 000 values, ``max`` to
        clip none.

    Raises
    ------
    TilewrightError
        If the module is quantised already, or the images are not of its shape.

    Examples
    --------
    >>> import tilewright, torch
    >>> from tilewright.train import NetworkModule, quantized
    >>> module = NetworkModule(tilewright.Network.zoo("lenet5"))
    >>> quantized(module, torch.randn(8, 1, 28, 28), 4, 4).network()
    <Network 'lenet5': 5 layers on crossbars, 61,470 weights>
    """
    for what, bits in (("weight_bits", weight_bits), ("activation_bits", activation_bits)):
        if bits is not None and not 2 <= bits <= 8:
            raise TilewrightError(f"{what} is {bits}; give 2 to 8")
    if method not in METHODS:
        raise TilewrightError(f"method is {method!r}; give {' or '.join(METHODS)}")
    if not len(images) or tuple(images.shape[1:]) != module.input_shape:
        found = tuple(images.shape)
        raise TilewrightError(f"images have the shape {found}; {module.name} takes images of {module.input_shape}")
    folded = NetworkModule(module.network().folded())
    nodes = folded.nodes
    if any(kind_of(node)[0] == "FakeQuantize" for node in nodes) or _has_levels(folded):
        raise TilewrightError(f"{module.name} is quantised already; give the network before")
    roundings = {} if activation_bits is None else _calibrated(folded, images, activation_bits, method)
    result = NetworkModule(_with_roundings(folded.network(), roundings))
    if weight_bits is not None:
        limit = 2 ** (weight_bits - 1) - 1
        for node in nodes:
            if kind_of(node)[0] in _LAYERS:
                layer = result.layer(node["name"])
                quantize_weights(layer, best_steps(layer.weight.detach().flatten(1), -limit, limit, method), limit)
    return result.train(module.training)


def best_steps(rows: Tensor, least: int, greatest: int, method: str) -> Tensor:
    """Return the step size of each row: how far apart the values that its own are rounded to should be.

    Parameters
    ----------
    rows
        ``[rows, values]``.
    least, greatest
        Whole numbers that the values are rounded to, times the step.
    method
        As for :func:`quantized`.

    Returns
    -------
    Tensor
        ``[rows]``, more than 0.
    """
    needed = rows.clamp_min(0) / greatest
    if least < 0:
        needed = torch.maximum(needed, rows.clamp_max(0) / least)
    steps = torch.quantile(needed, PERCENTILE, 1) if method == "percentile" else needed.amax(1)
    steps = torch.where(steps > 0, steps, torch.ones_like(steps))
    if method != "mse":
        return steps
    # From all of the range down to a 32nd of it, 3.5 % apart.
    parts = 2 ** -torch.linspace(0, 5, 101)
    candidates = [steps * part for part in parts]
    errors = [
        ((rows / step[:, None]).round().clamp(least, greatest) * step[:, None] - rows).square().sum(1)
        for step in candidates
    ]
    best = torch.stack(errors).argmin(0)
    return torch.stack(candidates)[best, torch.arange(len(rows))]


_LAYERS = ("Conv", "Dense")


def _has_levels(module: NetworkModule) -> bool:
    return any("levels" in which for _, which in _core.parameters(module.network()._core))


@torch.no_grad()
def _calibrated(module: NetworkModule, images: Tensor, bits: int, method: str) -> dict[int, dict[str, Any]]:
    """Return the settings of the rounding of each node whose values a layer takes, by the node's index."""
    nodes = module.nodes
    users = {node["inputs"][0]: node["name"] for node in nodes if kind_of(node)[0] in _LAYERS}
    samples: dict[int, list[Tensor]] = {source: [] for source in users}
    random = torch.Generator().manual_seed(0)
    each = max(1, _SAMPLE // max(1, -(-len(images) // _BATCH)))

    def taker(source: int) -> Callable[[nn.Module, tuple[Tensor]], None]:
        def take(_: nn.Module, inputs: tuple[Tensor]) -> None:
            values = inputs[0].flatten().float()
            chosen = values[torch.randint(len(values), (each,), generator=random)]
            # The ends are there for certain.
            samples[source].append(torch.cat([chosen, torch.stack(values.aminmax())]))

        return take

    hooks = [module.layer(name).register_forward_pre_hook(taker(source)) for source, name in users.items()]
    module.eval()
    for batch in torch.split(images.cpu(), _BATCH):
        module(batch)
    for hook in hooks:
        hook.remove()
    is_positive, is_image = _not_negative(nodes), _before_layers(nodes)
    settings = {}
    for source, found in samples.items():
        levels = 2 ** max(bits, IMAGE_BITS if is_image[source] else 0)
        least, greatest = (0, levels - 1) if is_positive[source] else (-levels // 2, levels // 2 - 1)
        step = best_steps(torch.cat(found)[None], least, greatest, method)
        settings[source] = {"scale": step.item(), "zero_point": 0, "range": [least, greatest]}
    return settings


def _with_roundings(network: Network, roundings: dict[int, dict[str, Any]]) -> Network:
    """Return the network with roundings of some nodes, by index, which layers take instead; other nodes do not."""
    graph = json.loads(_core.graph(network._core))
    nodes: list[dict[str, Any]] = []
    plain: list[int] = []
    rounded: dict[int, int] = {}
    for index, node in enumerate(graph["nodes"]):
        taken = rounded if kind_of(node)[0] in _LAYERS else {}
        inputs = [taken.get(source, plain[source]) for source in node["inputs"]]
        plain.append(len(nodes))
        nodes.append({**node, "inputs": inputs})
        if index in roundings:
            rounded[index] = len(nodes)
            op = {"FakeQuantize": roundings[index]}
            name = f"{node['name']}.quantized"
            nodes.append({"name": name, "op": op, "inputs": [plain[index]], "shape": node["shape"]})
    parameters = {place: bytes(values) for place, values in _core.parameters(network._core).items()}
    return Network(_core.assembled(json.dumps({**graph, "nodes": nodes}), parameters))


def _not_negative(nodes: list[dict[str, Any]]) -> list[bool]:
    """For each node, whether its values cannot be negative."""
    known: list[bool] = []
    for node in nodes:
        kind, settings = kind_of(node)
        if kind == "Activation":
            name, values = (settings, {}) if isinstance(settings, str) else next(iter(settings.items()))
            known.append(name in ("Relu", "Sigmoid", "HardSigmoid") or (name == "Clip" and values["min"] >= 0))
        elif kind == "Softmax":
            known.append(True)
        elif kind == "Constant":
            known.append(min(settings["values"]) >= 0)
        elif kind == "Pad":
            known.append(settings["value"] >= 0 and known[node["inputs"][0]])
        else:
            known.append(kind in _KEEP_SIGN and all(known[source] for source in node["inputs"]))
    return known


#: Operations whose results are not negative if their inputs are not.
_KEEP_SIGN = ("Pool", "Mean", "Add", "Mul", "Concat", "Reshape", "Transpose", "Slice")


def _before_layers(nodes: list[dict[str, Any]]) -> list[bool]:
    """For each node, whether no layer comes before it, so that its values are the image's."""
    known: list[bool] = []
    for node in nodes:
        known.append(kind_of(node)[0] not in _LAYERS and all(known[source] for source in node["inputs"]))
    return known
