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
from tilewright._images import shown
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
    """Measure the recognition rate of a network with weights, in floating point.

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
        Folder of the data set; by default where ``tilewright data`` looks.
    mean, std
        Mean and standard deviation of each channel, of pixels of 0 to 1. By default what a trained network had, or what
        is usual for the data set; your own images under a network that is not trained here need them.
    limit
        Use at most this many images, from the first on.
    top
        Also count the images whose label is among this many best classes.
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
    shown_images = shown(model, network, images, labels, data, folder, mean, std)
    if (limit is not None and limit < 1) or top < 1:
        raise TilewrightError(f"limit is {limit} and top is {top}; give at least 1")
    with ProgressBar("images", progress) as bar:
        normalization = (shown_images.mean, shown_images.std)
        found = json.loads(_core.evaluate(network._core, shown_images.test, normalization, (limit, top), bar))
    classes = found["top"].pop("classes")
    return Accuracy(rate_of(found["top1"]), rate_of(found["top"]), classes, np.array(found["confusion"]))


def rate_of(found: dict[str, Any]) -> Rate:
    """Return a rate from its JSON form."""
    low, high = found["interval"]
    return Rate(found["correct"], found["images"], found["rate"], (low, high))
