"""How many labelled images a network recognises."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError
from tilewright._network import resolve
from tilewright._progress import ProgressBar

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tilewright._network import ModelLike


@dataclass(frozen=True)
class Rate:
    """A share of images, 0 to 1."""

    #: Images recognised.
    correct: int
    images: int
    rate: float
    #: Ends of the 95 % interval of the share (Wilson 1927).
    interval: tuple[float, float]

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.rate:.2f}% ({100 * low:.2f}% to {100 * high:.2f}%)"


@dataclass(frozen=True, eq=False)
class Accuracy:
    """What a network recognises."""

    #: Images whose label has the best score.
    top1: Rate
    #: Images whose label is among the `top_classes` best.
    top: Rate
    top_classes: int
    #: Images of each class (row, by label) taken for each class (column).
    confusion: NDArray[np.int64]

    def __str__(self) -> str:
        return (
            f"{self.top1.correct:,} of {self.top1.images:,} images: {self.top1}; "
            f"among the best {self.top_classes}: {self.top}"
        )


def evaluate(
    model: ModelLike,
    images: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    *,
    data: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    limit: int | None = None,
    top: int = 5,
    input_shape: Sequence[int] | None = None,
    progress: bool | None = None,
) -> Accuracy:
    """Count how many images a network with weights recognises, in floating point.

    Parameters
    ----------
    model
        As in :func:`map`; it needs weights.
    images
        Bytes ``[image, channel, row, column]``; ``None`` stands for the test images of a data set.
    labels
        The class of each of `images`, from 0.
    data
        A data set of ``tilewright data``; by default the one a trained network is for.
    folder
        Where the data set lies; by default where ``tilewright data`` looks.
    mean, std
        Mean and standard deviation of each channel, of pixels of 0 to 1. By default what a trained network had, or what
        is usual for the data set; your own images under a network that is not trained here need them.
    limit
        Greatest number of images, from the first.
    top
        Images also count whose label is among this many best classes.
    input_shape
        As in :func:`map`.
    progress
        Whether to draw a progress bar; by default if the standard error is a terminal.

    Notes
    -----
    All cores work, the interpreter lock is released, and Ctrl-C stops the run. The result does not depend on the cores.

    Examples
    --------
    >>> import numpy as np, tilewright
    >>> black = np.zeros((10, 1, 28, 28), np.uint8)
    >>> tilewright.evaluate("lenet5-fashion", black, range(10)).top1.rate
    0.1
    """
    network = resolve(model, input_shape)
    text = _core.card(model) if isinstance(model, str) else None
    card: dict[str, Any] | None = json.loads(text) if text else None
    if images is None:
        name = data or (card and card["data_set"])
        if not name:
            raise TilewrightError(f"nothing says what {network.name} classifies; give images and labels, or data")
        trial = _core.Dataset.load(name, "test", folder)
    else:
        if data is not None or labels is None:
            raise TilewrightError("give images and labels, or data, not both")
        trial = _set(np.asarray(images), np.asarray(labels), network._core)
    if mean is None and std is None and card:
        mean, std = card["normalization"]["mean"], card["normalization"]["std"]
    elif mean is None and std is None and images is None:
        mean, std = trial.mean, trial.deviation
    if mean is None or std is None:
        raise TilewrightError("nothing says how the images are normalised; give mean and std, one of each a channel")
    if (limit is not None and limit < 1) or top < 1:
        raise TilewrightError(f"limit is {limit} and top is {top}; give at least 1")
    with ProgressBar("images", progress) as bar:
        found = json.loads(_core.evaluate(network._core, trial, (list(mean), list(std)), (limit, top), bar))
    classes = found["top"].pop("classes")
    return Accuracy(_rate(found["top1"]), _rate(found["top"]), classes, np.array(found["confusion"]))


def _set(images: NDArray[Any], labels: NDArray[Any], network: _core.Network) -> _core.Dataset:
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
    return _core.Dataset.of(images.tobytes(), shape, labels.astype(np.uint8).tobytes(), network)


def _rate(found: dict[str, Any]) -> Rate:
    low, high = found["interval"]
    return Rate(found["correct"], found["images"], found["rate"], (low, high))
