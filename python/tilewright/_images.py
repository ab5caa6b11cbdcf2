"""The labelled images a network is shown, and how they are normalised."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tilewright._network import ModelLike, Network


@dataclass(frozen=True)
class ShownImages:
    """Test images, and the mean and standard deviation of each channel that they are normalised by."""

    test: _core.Dataset
    #: The data set that they belong to; ``None`` for the caller's own.
    data: str | None
    mean: list[float]
    std: list[float]


def shown(
    model: ModelLike,
    network: Network,
    images: ArrayLike | None,
    labels: ArrayLike | None,
    data: str | None,
    folder: str | os.PathLike[str] | None,
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
) -> ShownImages:
    """Return the images that were given, or those of the data set that was named or that a trained network is for."""
    text = _core.card(model) if isinstance(model, str) else None
    card: dict[str, Any] | None = json.loads(text) if text else None
    name: str | None = None
    if images is None:
        name = data or (card["data_set"] if card else None)
        if not name:
            raise TilewrightError(f"nothing says what {network.name} classifies; give images and labels, or data")
        test = _core.Dataset.load(name, "test", folder)
    else:
        if data is not None or labels is None:
            raise TilewrightError("give images and labels, or data, not both")
        test = own_set(np.asarray(images), np.asarray(labels), network)
    if mean is None and std is None and card:
        mean, std = card["normalization"]["mean"], card["normalization"]["std"]
    elif mean is None and std is None and images is None:
        mean, std = test.mean, test.deviation
    if mean is None or std is None:
        raise TilewrightError("nothing says how the images are normalised; give mean and std, one value per channel")
    return ShownImages(test, name, list(mean), list(std))


def own_set(images: NDArray[Any], labels: NDArray[Any], network: Network) -> _core.Dataset:
    """Return images and labels as a data set of the classes that the network tells apart."""
    if images.dtype != np.uint8 or images.ndim != 4:
        raise TilewrightError(
            f"images are {images.dtype} on {images.ndim} axes; give uint8 [image, channel, row, column], not normalised"
        )
    if labels.shape != images.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
        raise TilewrightError(f"labels are {labels.dtype} {list(labels.shape)}; give {len(images)} whole numbers")
    if labels.size and not 0 <= labels.min() <= labels.max() < 256:
        raise TilewrightError(f"labels are {labels.min()} to {labels.max()}; give 0 to 255")
    shape = (images.shape[1], images.shape[2], images.shape[3])
    return _core.Dataset.of(images.tobytes(), shape, labels.astype(np.uint8).tobytes(), network._core)
