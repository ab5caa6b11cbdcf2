"""Networks: what is computed."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tilewright import _core, _keras, _torch
from tilewright._files import write_whole
from tilewright._options import KernelPlan, plan_text
from tilewright._table import Table, counted, data_frame, size, thousands
from tilewright._torch import Shapes

if TYPE_CHECKING:
    import keras
    import numpy.typing as npt
    import pandas
    import torch

    ModelLike: TypeAlias = "Network | str | os.PathLike[str] | torch.nn.Module | keras.Model"

Pair: TypeAlias = int | tuple[int, int]


@dataclass(frozen=True)
class Layer:
    """A layer that is mapped onto crossbars; pairs are (height, width) in pixels.

    A dense layer is a 1×1 convolution of a 1×1 image.
    """

    #: Unique in its network.
    name: str
    #: ``3d`` standard, ``2d`` depthwise, ``1d`` pointwise, ``grouped`` or ``dense``.
    kind: str
    in_channels: int
    out_channels: int
    #: Image size, padding not counted.
    input: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    #: Zeros at the top, left, bottom and right.
    padding: tuple[int, int, int, int]
    groups: int
    output: tuple[int, int]
    #: Weights, biases not counted.
    weights: int
    #: Multiply-accumulate operations per image.
    macs: int

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Shape of the weights ``[out_channels, in_channels / groups, kernel height, kernel width]``."""
        return (self.out_channels, self.in_channels // self.groups, *self.kernel)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Shape of the input ``[in_channels, height, width]``."""
        return (self.in_channels, *self.input)

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """Shape of the output ``[out_channels, height, width]``."""
        return (self.out_channels, *self.output)

    def __str__(self) -> str:
        """Return it in short: ``16×32×32→32 3×3/2``."""
        if self.kind == "dense":
            return f"{self.in_channels}→{self.out_channels}"
        text = f"{size(self.input_shape)}→{self.out_channels} {size(self.kernel)}"
        for mark, (down, across) in (("/", self.stride), (" d", self.dilation)):
            if (down, across) != (1, 1):
                text += f"{mark}{down}" if down == across else f"{mark}{down}×{across}"
        return text + (f" g{self.groups}" if self.groups > 1 else "")


@dataclass(frozen=True)
class ZooEntry:
    """A built-in network."""

    name: str
    #: ``[channels, height, width]`` of its image.
    input: tuple[int, int, int]
    data_set: str
    #: Who published it where, and which variant it is; of a trained one, what it was made from.
    source: str
    #: Share of the test images a trained one recognises, 0 to 1, the mean over `seeds` trainings.
    rate: float | None = None
    #: Its sample standard deviation over the seeds.
    rate_deviation: float | None = None
    #: How many trainings.
    seeds: int | None = None
    #: Stages whose width can be chosen; 0 if it cannot be.
    stages: int = 0


class Network:
    """A convolutional network; made by one of the static methods, never changed.

    Examples
    --------
    >>> import tilewright
    >>> network = tilewright.Network.zoo("resnet20")
    >>> network
    <Network 'resnet20': 20 layers on crossbars, 268,336 weights>
    >>> str(network.layers[0])
    '3×32×32→16 3×3'
    """

    def __init__(self, core: _core.Network) -> None:
        self._core = core
        self._layers = tuple(_layer(layer) for layer in json.loads(core.layers()))

    @staticmethod
    def zoo(name: str) -> Network:
        """Return a built-in network by its name in :func:`zoo`; only trained ones have weights.

        One with stages takes a width: ``"resnet20:width=1.5"`` has 1.5 times the channels, ``"resnet20:width=1,1.5,2"``
        another factor in each of its three stages.
        """
        return Network(_core.Network.zoo(name))

    @staticmethod
    def from_onnx(path: str | os.PathLike[str], input_shape: Sequence[int] | None = None) -> Network:
        """Read an ONNX file, from PyTorch, quantised by ONNX Runtime or from Brevitas; operator set 7 or newer.

        Parameters
        ----------
        path
            The file.
        input_shape
            Shape of the input without the batch axis, where the file leaves lengths open.
        """
        return Network(_core.Network.from_onnx(path, None, input_shape))

    @staticmethod
    def from_torch(
        module: torch.nn.Module,
        input_shape: Shapes | None = None,
        *,
        example: torch.Tensor | Sequence[torch.Tensor] | None = None,
    ) -> Network:
        """Export a PyTorch module to ONNX and read that.

        Layers are called as their modules, such as ``layer4.0.conv1``, or as their weights where a module has several,
        such as ``self_attention.in_proj``.

        Parameters
        ----------
        module
            The model; it is exported in evaluation mode and left in the mode it was in.
        input_shape
            Shape of one input without a batch axis: ``[channels, height, width]`` of an image, ``[features]`` of a
            vector, or any other; of several inputs, a shape for each. A module of ``tilewright.train`` knows it.
        example
            Instead of shapes, the inputs themselves, with a batch axis of length 1, for a module that takes other than
            zeros.

        Notes
        -----
        Several inputs are one vector to the network, each after the one before it; :func:`predict` takes them apart.
        """
        _torch.check_module(module)
        if example is not None:
            if input_shape is not None:
                raise _core.TilewrightError("give input_shape or example, not both")
            inputs = _torch.checked(example)
        else:
            input_shape = _torch.own_shape(module) if input_shape is None else input_shape
            if input_shape is None:
                raise _core.TilewrightError(
                    f"{type(module).__name__} does not state its input shape; "
                    "give input_shape, as in input_shape=(3, 32, 32)"
                )
            inputs = _torch.example(module, input_shape)
        name = type(module).__name__
        return Network(_torch.read_exported(module, inputs, lambda path: _core.Network.from_onnx(path, name)))

    @staticmethod
    def from_keras(model: keras.Model, input_shape: Shapes | None = None) -> Network:
        """Export a Keras 3 model that runs on PyTorch (``KERAS_BACKEND=torch``) to ONNX and read that.

        Layers are called as Keras calls them, such as ``conv2d_1``, and as ``separable.depthwise`` where one has two
        kernels; a layer whose kernel is merged with another's is called as the exporter does.

        Parameters
        ----------
        model
            The model.
        input_shape
            Shape of the input without the batch axis, or a shape for each of several, where the model leaves lengths
            open.
        """
        if not _keras.is_model(model):
            raise TypeError(f"{model!r} is no Keras model")
        _keras.check_backend(model)
        inputs = _torch.example(model, _keras.own_shape(model) if input_shape is None else input_shape)
        # Keras takes several inputs as one list.
        core = _torch.read_exported(model, inputs, lambda path: _core.Network.from_onnx(path, model.name), listed=True)
        return Network(core.renamed(_keras.layer_names(model, core)))

    @staticmethod
    def from_layer(
        in_channels: int,
        out_channels: int,
        input: Pair,
        kernel: Pair,
        *,
        stride: Pair = 1,
        padding: Pair | tuple[int, int, int, int] = 0,
        dilation: Pair = 1,
        groups: int = 1,
        name: str = "layer",
    ) -> Network:
        """Return a network of one convolution.

        Parameters
        ----------
        in_channels, out_channels
            Channels, multiples of `groups`.
        input, kernel, stride, dilation
            Pixels, (height, width) or one number for both.
        padding
            Zeros in pixels: one number, (height, width), or (top, left, bottom, right).

        Examples
        --------
        >>> import tilewright
        >>> layer = tilewright.Network.from_layer(6, 16, input=14, kernel=5)
        >>> tilewright.map(layer, crossbar=512, scheme="vw-sdk", encoding="single").total.array_activations
        4
        """
        sides = padding if isinstance(padding, tuple) and len(padding) == 4 else (*_pair(padding), *_pair(padding))
        shape = {
            "in_channels": in_channels,
            "out_channels": out_channels,
            "input": _pair(input),
            "kernel": _pair(kernel),
            "stride": _pair(stride),
            "dilation": _pair(dilation),
            "padding": dict(zip(("top", "left", "bottom", "right"), sides, strict=True)),
            "groups": groups,
        }
        return Network(_core.Network.of_layer(name, json.dumps(shape)))

    @property
    def name(self) -> str:
        """Its name in the zoo, of the file without its extension, or of the module's class."""
        return self._core.name

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the image ``[channels, height, width]``."""
        return tuple(self._core.input_shape)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output for one image; ``[classes]`` for a classifier."""
        shape: list[int] = json.loads(_core.graph(self._core))["nodes"][-1]["shape"]
        return tuple(shape)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that are mapped onto crossbars, in execution order."""
        return self._layers

    @property
    def replaceable_layers(self) -> list[str]:
        """Names of the layers that 2D+1D kernels can replace."""
        return self._core.replaceable()

    def with_kernels(self, plan: KernelPlan) -> Network:
        """Replace 3D kernels with a 2D kernel per channel and a 1D kernel across channels.

        Parameters
        ----------
        plan
            ``"3d"`` (none), ``"2d1d"`` (all), ``"ratio=0.5"`` (first layers first), ``"ratio=0.5:last"``, or the names
            of layers. ``"ratio=0.5:most-saved"`` is for :func:`map`, which knows what a layer saves. In text, ``+norm``
            or ``+norm-relu`` after it puts a batch normalisation, or that and a ReLU, between the 2D and the 1D kernel.

        Examples
        --------
        >>> import tilewright
        >>> network = tilewright.Network.zoo("resnet20").with_kernels("ratio=0.5")
        >>> [layer.kind for layer in network.layers[:3]]
        ['2d', '1d', '2d']
        """
        return Network(self._core.with_kernels(plan_text(plan), None, None))

    def keep_digital(self, *layers: str) -> Network:
        """Keep layers off the crossbars, by name or kind: they are computed as the model says.

        The kinds are ``"3d"``, ``"2d"``, ``"1d"``, ``"grouped"`` and ``"dense"``; a kind includes the layers that a
        kernel plan makes. :func:`cost` prices what is off the crossbars on a design with ``mac_units``.

        Examples
        --------
        >>> import tilewright
        >>> network = tilewright.Network.zoo("lenet5").keep_digital("conv1", "fc3")
        >>> [layer.name for layer in network.layers]
        ['conv2', 'fc1', 'fc2']
        """
        return Network(self._core.keep_digital(list(layers)))

    def folded(self) -> Network:
        """Merge each batch normalisation into the layer before it, as is done before a network is put on crossbars."""
        return Network(_core.folded(self._core))

    def save_onnx(self, path: str | os.PathLike[str], *, fold: bool = True) -> None:
        """Write the network with its weights as an ONNX file, for any number of images at once.

        The operator set is 19, or the first one later that has what the network needs. Layers keep their names.
        Quantised weights and layer inputs are written as integers between QuantizeLinear and DequantizeLinear nodes
        (QDQ), so the file says of how many bits they are.

        Parameters
        ----------
        path
            The file; it is written whole or not at all.
        fold
            Whether each batch normalisation is merged into the layer before it.

        Raises
        ------
        TilewrightError
            If a layer has no weights, a node is known by name only, or ONNX lacks what one does.

        Examples
        --------
        >>> import tilewright
        >>> tilewright.Network.zoo("lenet5").save_onnx("lenet5.onnx")
        Traceback (most recent call last):
        ...
        tilewright.TilewrightError: layer "conv1" has no weights; train the network, or start from a file that has them
        """
        model = _core.onnx_model(_core.folded(self._core) if fold else self._core)
        write_whole(Path(path), lambda file: file.write(model))

    def run(self, images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the network's outputs for images, computed by the plain, slow reference executor, to compare with.

        :func:`predict` is the fast way, and takes bytes, too.

        Parameters
        ----------
        images
            Floating point ``[images, channels, height, width]``, normalised as the network takes them.

        Returns
        -------
        numpy.ndarray
            ``[images, …]``, such as ``[images, classes]`` of a classifier.
        """
        given = np.asarray(images)
        if not np.issubdtype(given.dtype, np.floating):
            raise _core.TilewrightError(
                f"images are {given.dtype}; give them in floating point, normalised as the network takes them, such as "
                "(bytes / 255 - mean) / std; predict takes bytes"
            )
        array = np.ascontiguousarray(given, dtype=np.float32)
        if array.shape[1:] != self.input_shape:
            raise _core.TilewrightError(
                f"images have the shape {array.shape}; {self.name} takes images of {self.input_shape}"
            )
        values = np.frombuffer(_core.outputs(self._core, array.tobytes()), np.float32)
        return values.reshape(len(array), *self.output_shape)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the layers as a data frame, one row per layer."""
        rows = [vars(layer) for layer in self.layers]
        frame: pandas.DataFrame = data_frame(rows, "name")
        return frame

    def __repr__(self) -> str:
        weights = thousands(sum(layer.weights for layer in self.layers))
        return f"<Network {self.name!r}: {counted(len(self.layers), 'layer')} on crossbars, {weights} weights>"

    def __str__(self) -> str:
        return f"{self.name}\n\n{self._table().text()}"

    def _repr_html_(self) -> str:
        return self._table().html()

    def _table(self) -> Table:
        rows = [
            [layer.name, layer.kind, str(layer), size(layer.output), thousands(layer.weights), thousands(layer.macs)]
            for layer in self.layers
        ]
        sums = [sum(layer.weights for layer in self.layers), sum(layer.macs for layer in self.layers)]
        return Table(
            ["<layer", "<kind", "<shape", "output", "weights", "MACs"],
            rows,
            ["total", "", "", "", *(thousands(s) for s in sums)],
        )


def zoo() -> list[ZooEntry]:
    """Return the built-in networks, families together, small before large; then the trained ones.

    Examples
    --------
    >>> import tilewright
    >>> tilewright.zoo()[0].name
    'lenet5'
    """
    return [_zoo_entry(entry) for entry in json.loads(_core.zoo())]


def _zoo_entry(entry: dict[str, Any]) -> ZooEntry:
    rate = entry.pop("rate") or {"mean": None, "deviation": None, "seeds": None}
    rates = {"rate": rate["mean"], "rate_deviation": rate["deviation"], "seeds": rate["seeds"]}
    return ZooEntry(**{**entry, **rates, "input": tuple(entry["input"])})


def resolve(model: ModelLike, input_shape: Shapes | None) -> Network:
    """Return the network a user means by a model.

    A string is a name of the zoo unless it looks like a path; a path is an ONNX file; a PyTorch module or
    a Keras model is exported.
    """
    if _keras.is_model(model):
        return Network.from_keras(model, input_shape)
    if not isinstance(model, Network | str | os.PathLike):
        return Network.from_torch(model, input_shape)
    shape = _one(input_shape)
    if isinstance(model, os.PathLike):
        return Network.from_onnx(model, shape)
    if isinstance(model, str):
        model = Network(_core.Network.resolve(model, shape))
    return _of_shape(model, shape)


def _one(input_shape: Shapes | None) -> list[int] | None:
    """Return the shape of one input, all that a file leaves open."""
    if input_shape is None:
        return None
    shape = [side for side in input_shape if isinstance(side, int)]
    if len(shape) < len(input_shape):
        raise _core.TilewrightError(
            f"input_shape is {tuple(input_shape)}; several shapes are for PyTorch modules and Keras models: give one, "
            "such as (3, 224, 224)"
        )
    return shape


def _of_shape(network: Network, input_shape: Sequence[int] | None) -> Network:
    """Return a network that states its own input shape; a given shape must agree."""
    if input_shape is not None and tuple(input_shape) != network.input_shape:
        raise _core.TilewrightError(
            f"input_shape is {tuple(input_shape)}; {network.name} takes images of {network.input_shape}: "
            "leave input_shape out, or give a PyTorch module"
        )
    return network


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _layer(info: dict[str, Any]) -> Layer:
    sides = info.pop("padding")
    padding = (sides["top"], sides["left"], sides["bottom"], sides["right"])
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in info.items()}
    return Layer(**values, padding=padding)
