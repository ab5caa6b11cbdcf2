"""A network as a PyTorch module, built node by node from the core's graph: what is trained is what is mapped."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tilewright import _core
from tilewright._network import Network
from tilewright._torch import evaluating
from tilewright.train.operations import operation
from tilewright.train.quantizer import ActivationQuantizer, per_channel, quantize_weights, weight_quantizer


class NetworkModule(nn.Module):
    """A network with trainable weights.

    Takes images ``[batch, channels, height, width]`` and returns what the last node yields, ``[batch, classes]`` of a
    classifier. The layers are in ``layers``, under the names they have in the network with ``.`` written ``/``.

    Parameters
    ----------
    network
        The network. Layers that have weights start with them, the others with random ones: convolutions as He, Zhang,
        Ren, Sun 2015 (normal, by outputs), dense layers uniform by inputs.
    seed
        Of the random weights. Each layer has its own stream, so a layer that two networks share starts the same.

    Raises
    ------
    TilewrightError
        If the network has an operation that is known by name only.

    Examples
    --------
    >>> import tilewright, torch
    >>> from tilewright.train import NetworkModule
    >>> module = NetworkModule(tilewright.Network.zoo("resnet20").with_kernels("ratio=0.5"))
    >>> module(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    >>> tilewright.map(module.network(), scheme="sub-image").total.crossbars
    38897
    """

    def __init__(self, network: Network, seed: int = 0) -> None:
        super().__init__()
        graph = json.loads(_core.graph(network._core))
        self._graph = graph
        self._nodes: list[dict[str, Any]] = graph["nodes"]
        self._known = {key: np.frombuffer(value, np.float32) for key, value in _core.parameters(network._core).items()}
        self.layers = nn.ModuleDict()
        # What the nodes without weights do; `None` for those with weights, which are in `layers`.
        self._steps = [self._step(index, node, seed) for index, node in enumerate(self._nodes)]
        self._last_use = _last_uses(self._nodes)
        del self._known

    @property
    def name(self) -> str:
        """The network's name."""
        name: str = self._graph["name"]
        return name

    @property
    def nodes(self) -> list[dict[str, Any]]:
        """The network's nodes without weights in order, as the core writes them; the step sizes are those of now."""
        return [self._described(node) for node in self._nodes]

    @property
    def graph(self) -> str:
        """The network without weights, as the core writes it."""
        return json.dumps({**self._graph, "nodes": self.nodes})

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one image ``[channels, height, width]``."""
        return tuple(self._nodes[0]["shape"])

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output for one image; ``[classes]`` for a classifier."""
        return tuple(self._nodes[-1]["shape"])

    def forward(self, images: Tensor) -> Tensor:
        """Return the output for a batch of images."""
        values: list[Tensor | None] = [None] * len(self._nodes)
        values[0] = images
        for index, node in enumerate(self._nodes[1:], 1):
            step = self._steps[index] or self.layers[_key(node["name"])]
            value = step(*(values[source] for source in node["inputs"]))
            if not node["inputs"]:
                value = value.to(images).expand(len(images), *node["shape"])
            values[index] = value
            for source in self._last_use[index]:
                values[source] = None
        result = values[-1]
        assert result is not None
        return result

    def network(self) -> Network:
        """Return the network with its present weights; batch norms with their running statistics.

        Weights are those of evaluation: rounded where they are quantised, stuck where they are stuck, without noise.
        """
        with evaluating(self):
            parameters = {
                (node["name"], which): _bytes(values)
                for node in self._nodes
                for which, values in _parameters(self.layer(node["name"])).items()
            }
        return Network(_core.assembled(self.graph, parameters))

    def mapped_layers(self) -> list[Any]:
        """Return the convolutions and dense layers, which are mapped onto crossbars, in execution order."""
        return [self.layer(node["name"]) for node in self._nodes if kind_of(node)[0] in ("Conv", "Dense")]

    def layer(self, name: str) -> Any:
        """Return the trainable layer of a node, or ``None`` if that node has none."""
        key = _key(name)
        return self.layers[key] if key in self.layers else None  # noqa: SIM401, a ModuleDict has no get

    @staticmethod
    def shaped_as(graph: str, state: dict[str, Tensor]) -> NetworkModule:
        """Return a module that can load `state`, the ``state_dict`` of a module whose :attr:`graph` this is.

        A graph does not say which layers have biases and which weights are rounded.
        """
        parameters: dict[tuple[str, str], bytes] = {}
        for node in json.loads(graph)["nodes"]:
            layer = f"layers.{_key(node['name'])}"
            for which, keys in _STATE_KEYS.items():
                if kind_of(node)[0] in ("Conv", "Dense") and (
                    key := next((k for k in keys if f"{layer}.{k}" in state), "")
                ):
                    parameters[node["name"], which] = _bytes(state[f"{layer}.{key}"])
        return NetworkModule(Network(_core.assembled(graph, parameters)))

    def load_alike(self, other: NetworkModule) -> list[str]:
        """Take the values of `other` wherever a parameter of the same name has the same shape; return which did not.

        For networks of one family: a network converted to other kernels keeps its batch norms and its other layers.
        """
        theirs = other.state_dict()
        mine = self.state_dict()
        alike = {key: value for key, value in theirs.items() if key in mine and mine[key].shape == value.shape}
        self.load_state_dict(alike, strict=False)
        return [key for key in mine if key not in alike]

    def _step(self, index: int, node: dict[str, Any], seed: int) -> Callable[..., Tensor] | None:
        name, (kind, settings) = node["name"], kind_of(node)
        inputs = [self._nodes[source]["shape"] for source in node["inputs"]]
        layer: nn.Module
        if kind == "Conv":
            layer = _Convolution(inputs[0][0], settings, self._has_bias(index))
        elif kind == "Dense":
            layer = nn.Linear(inputs[0][0], settings["out_features"], self._has_bias(index))
        elif kind == "BatchNorm":
            layer = (nn.BatchNorm2d if len(node["shape"]) == 3 else nn.BatchNorm1d)(node["shape"][0])
        elif kind == "FakeQuantize":
            layer = ActivationQuantizer(settings)
        else:
            return operation(name, kind, settings)
        self._start(name, layer, torch.Generator().manual_seed(seed * 65_537 + index))
        self.layers[_key(name)] = layer
        return None

    def _has_bias(self, index: int) -> bool:
        """Whether a layer has its own bias: not if the next layer would absorb it."""
        name = self._nodes[index]["name"]
        if (name, "weights") in self._known:
            return (name, "bias") in self._known
        users = [node for node in self._nodes if index in node["inputs"]]
        return not (len(users) == 1 and _takes_bias(users[0]))

    def _start(self, name: str, layer: Any, random: torch.Generator) -> None:
        if isinstance(layer, ActivationQuantizer):
            return
        with torch.no_grad():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                if (name, "scale") in self._known:
                    # With the statistics of no data, the running ones are a mean of 0 and a variance of 1.
                    layer.weight.copy_(self._values(name, "scale", layer.weight) * math.sqrt(1 + layer.eps))
                    layer.bias.copy_(self._values(name, "shift", layer.bias))
                return
            if (name, "weights") in self._known:
                layer.weight.copy_(self._values(name, "weights", layer.weight))
                if layer.bias is not None:
                    layer.bias.copy_(self._values(name, "bias", layer.bias))
                self._quantize(name, layer)
                return
            if isinstance(layer, nn.Conv2d):
                layer.weight.normal_(0, random_deviation(layer), generator=random)
            else:
                bound = 1 / math.sqrt(layer.in_features)
                layer.weight.uniform_(-bound, bound, generator=random)
            if layer.bias is not None:
                layer.bias.zero_()

    def _quantize(self, name: str, layer: Any) -> None:
        """Go on rounding weights that came quantised, to as many bits as they have."""
        if (name, "levels") in self._known:
            steps = torch.from_numpy(self._known[name, "levels"].copy())
            # A channel of zeros may have no step of its own.
            steps = torch.where(steps > 0, steps, torch.ones_like(steps))
            greatest = round(float((layer.weight / per_channel(steps, layer.weight)).abs().max()))
            quantize_weights(layer, steps, 2 ** max(1, greatest.bit_length()) - 1)

    def _described(self, node: dict[str, Any]) -> dict[str, Any]:
        layer = self.layer(node["name"])
        if not isinstance(layer, ActivationQuantizer):
            return node
        return {**node, "op": {"FakeQuantize": {**node["op"]["FakeQuantize"], "scale": layer.step.item()}}}

    def _values(self, name: str, which: str, like: Tensor) -> Tensor:
        return torch.from_numpy(self._known[name, which].copy()).reshape(like.shape)


class _Convolution(nn.Conv2d):
    """A convolution whose sides may be padded by different amounts."""

    def __init__(self, in_channels: int, settings: dict[str, Any], bias: bool) -> None:
        top, left, bottom, right = (settings["padding"][side] for side in ("top", "left", "bottom", "right"))
        is_even = (top, left) == (bottom, right)
        kernel, stride, dilation = (tuple(settings[key]) for key in ("kernel", "stride", "dilation"))
        sides = (top, left) if is_even else 0
        groups = settings["groups"]
        super().__init__(in_channels, settings["out_channels"], kernel, stride, sides, dilation, groups, bias)
        self._uneven = None if is_even else (left, right, top, bottom)

    def forward(self, image: Tensor) -> Tensor:
        return super().forward(F.pad(image, self._uneven) if self._uneven else image)


def kind_of(node: dict[str, Any]) -> tuple[str, Any]:
    """Return a node's operation and its settings."""
    op = node["op"]
    if isinstance(op, str):
        return op, {}
    ((kind, settings),) = op.items()
    return kind, settings


def random_deviation(layer: nn.Conv2d | nn.Linear) -> float:
    """Return the standard deviation of the weights that a layer starts with."""
    if isinstance(layer, nn.Conv2d):
        return math.sqrt(2 / (layer.out_channels * math.prod(layer.kernel_size) // layer.groups))
    return math.sqrt(1 / (3 * layer.in_features))


def scale_and_shift(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return what a batch norm does in evaluation: ``scale * x + shift``, a value of each per channel."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    return scale, norm.bias.double() - scale * norm.running_mean.double()


def _parameters(layer: Any) -> dict[str, Tensor]:
    """Of a trainable layer, what the core knows of it."""
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        return dict(zip(("scale", "shift"), scale_and_shift(layer), strict=True))
    if not isinstance(layer, nn.Conv2d | nn.Linear):
        return {}
    parameters: dict[str, Tensor] = {"weights": layer.weight}
    if layer.bias is not None:
        parameters["bias"] = layer.bias
    if (quantizer := weight_quantizer(layer)) is not None:
        parameters["levels"] = quantizer.step
    return parameters


def _takes_bias(user: dict[str, Any]) -> bool:
    kind, settings = kind_of(user)
    if kind == "Conv":
        return settings["kernel"] == [1, 1] and not any(settings["padding"].values())
    return kind == "BatchNorm"


def _last_uses(nodes: list[dict[str, Any]]) -> list[list[int]]:
    """For each node, the nodes whose values nothing after it takes."""
    last = {source: index for index, node in enumerate(nodes) for source in node["inputs"]}
    uses: list[list[int]] = [[] for _ in nodes]
    for source, index in last.items():
        uses[index].append(source)
    return uses


def _key(name: str) -> str:
    return name.replace(".", "/")


def _bytes(values: Tensor) -> bytes:
    return values.detach().to("cpu", torch.float32).contiguous().numpy().tobytes()


#: What each parameter is called in the state of a layer, its weights rounded or not.
_STATE_KEYS = {
    "weights": ("weight", "parametrizations.weight.original"),
    "bias": ("bias",),
    "levels": ("parametrizations.weight.0.learned",),
}
