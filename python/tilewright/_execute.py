"""Running a mapped layer cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tilewright._mapping import MappedLayer, Mapping

INT32 = np.iinfo(np.int32)


def execute(layer: MappedLayer | Mapping, weights: ArrayLike, inputs: ArrayLike) -> NDArray[np.int64]:
    """Run one mapped layer on integers, crossbar by crossbar.

    Every weight is put into its cells, every load drives the rows, every column is read and the partial sums are added;
    nothing is taken from a plain convolution, so equality with one proves the mapping.

    Parameters
    ----------
    layer
        A layer of a mapping, or a mapping of one layer.
    weights
        Integers ``[out_channels, in_channels / groups, kernel height, kernel width]`` within
        ±(2^(weight_bits − 1) − 1); of a dense layer also ``[out, in]``.
    inputs
        Integers of 32 bits ``[in_channels, height, width]``; of a dense layer also ``[in]``.

    Returns
    -------
    ndarray of int64
        The exact sums ``[out_channels, height, width]``; ``[out]`` if `inputs` is ``[in]``.

    Examples
    --------
    >>> import numpy as np, tilewright
    >>> layer = tilewright.Network.from_layer(1, 1, input=3, kernel=2)
    >>> mapping = tilewright.map(layer, scheme="vw-sdk")
    >>> tilewright.execute(mapping, np.ones((1, 1, 2, 2), int), np.arange(9).reshape(1, 3, 3))
    array([[[ 8, 12],
            [20, 24]]])
    """
    layer = only_layer(layer)
    shape, dense = layer.shape, layer.kind == "dense"
    w = _integers("weights", weights, shape.weight_shape, shape.weight_shape[:2] if dense else None)
    x = _integers("inputs", inputs, shape.input_shape, shape.input_shape[:1] if dense else None)
    sums = np.frombuffer(_core.execute(layer.core, layer.place, w.tobytes(), x.tobytes()), np.int64)
    return sums.reshape(shape.output_shape[: x.ndim])


def only_layer(layer: MappedLayer | Mapping) -> MappedLayer:
    """Return the layer itself, or the only one of a mapping."""
    from tilewright._mapping import Mapping

    if not isinstance(layer, Mapping):
        return layer
    if len(layer) != 1:
        names = ", ".join(repr(mapped.name) for mapped in layer.layers[:5])
        raise TilewrightError(
            f"{layer!r} has {len(layer)} layers; give one, as in mapping[name]; the first are {names}"
        )
    return layer[0]


def _integers(what: str, values: ArrayLike, shape: tuple[int, ...], other: tuple[int, ...] | None) -> NDArray[np.int32]:
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise TilewrightError(f"{what} are {array.dtype}; give integers")
    if array.shape not in (shape, other):
        allowed = f"{shape}" if other is None else f"{shape} or {other}"
        raise TilewrightError(f"{what} have the shape {array.shape}; this layer takes {allowed}")
    if array.size and (array.min() < INT32.min or array.max() > INT32.max):
        raise TilewrightError(f"{what} go from {array.min()} to {array.max()}; give integers of 32 bits")
    return array.astype(np.int32)
