"""Trained 3D kernels turned into 2D+1D kernels without training."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tilewright import _core
from tilewright._network import Network
from tilewright._options import KernelPlan, plan_text
from tilewright._table import Table, data_frame

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas


@dataclass(frozen=True)
class ConvertedLayer:
    """What converting a layer changed."""

    #: Of the 3D layer.
    name: str
    #: 2D kernels per input channel.
    rank: int
    #: Frobenius norm of the change of the weights over that of the weights, before they are fitted to images.
    relative_error: float
    #: Power of the layer's output over that of its change, in decibels; ``None`` without images, or if nothing changed.
    output_snr_db: float | None


@dataclass(frozen=True)
class Conversion:
    """A converted network and its layers; prints as a table."""

    network: Network
    layers: tuple[ConvertedLayer, ...]

    def to_pandas(self) -> pandas.DataFrame:
        """Return the layers as a data frame, one row per layer."""
        frame: pandas.DataFrame = data_frame([vars(layer) for layer in self.layers], "name")
        return frame

    def __str__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()

    def _table(self) -> Table:
        rows = [
            [
                layer.name,
                str(layer.rank),
                f"{layer.relative_error:.3f}",
                "" if layer.output_snr_db is None else f"{layer.output_snr_db:.1f}",
            ]
            for layer in self.layers
        ]
        return Table(["<layer", "rank", "relative error", "output SNR in dB"], rows)


def convert(network: Network, plan: KernelPlan, images: npt.NDArray[np.float32] | None = None) -> Conversion:
    """Turn trained 3D kernels into 2D+1D kernels without training.

    Each 3D kernel becomes 2D kernels, as many per input channel as its rank in the plan, and a 1D kernel, by truncated
    singular value decomposition; with images, the 1D kernels are then the best ones in the sense of least squares on
    what the layers see.

    Parameters
    ----------
    network
        With weights in the layers that the plan names.
    plan
        As for :meth:`Network.with_kernels`. Where a rank is as great as a kernel has taps, nothing changes.
    images
        ``[images, channels, height, width]``, normalised as the network takes them: the first half to fit, the other to
        measure the error of each layer's output.

    Examples
    --------
    >>> import numpy, tilewright
    >>> layer = tilewright.Network.from_layer(8, 8, input=8, kernel=3)
    >>> tilewright.convert(layer, "2d1d")
    Traceback (most recent call last):
    ...
    tilewright.TilewrightError: layer "layer" has no weights to convert; import a trained network
    """
    array = np.ascontiguousarray(images if images is not None else [], dtype=np.float32)
    if images is not None and array.shape[1:] != network.input_shape:
        raise _core.TilewrightError(
            f"images have the shape {array.shape}; {network.name} takes images of {network.input_shape}"
        )
    converted, layers = _core.converted(network._core, plan_text(plan), array.tobytes())
    return Conversion(Network(converted), tuple(ConvertedLayer(**layer) for layer in json.loads(layers)))
