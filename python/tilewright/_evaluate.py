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
from tilewright._predict import predict
from tilewright._progress import ProgressBar

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tilewright._network import ModelLike, Network
    from tilewright._torch import Shapes


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


@dataclass(frozen=True)
class LabelScores:
    """What a network makes of images with several labels each."""

    #: A label is taken if its score is above this.
    threshold: float
    images: int
    #: F1 of all labels of all images together; ``None`` if no image has a label and none is taken.
    micro_f1: float | None
    #: Mean of the labels' own F1, without labels that no image has and none is taken for.
    macro_f1: float | None
    #: Images of which all labels are right.
    exact: Rate
    #: Of each label: F1, and how often it was taken rightly, taken wrongly, and missed.
    labels: tuple[OneLabel, ...]

    def __str__(self) -> str:
        together, mean = (f"{f1:.4f}" if f1 is not None else "–" for f1 in (self.micro_f1, self.macro_f1))
        return f"F1 {together} of all labels together, {mean} on the mean; all labels right: {self.exact}"


@dataclass(frozen=True)
class OneLabel:
    """One of several labels."""

    #: ``None`` if no image has it and none is taken for it.
    f1: float | None
    right: int
    wrong: int
    missed: int


@dataclass(frozen=True)
class Regression:
    """How far a network's outputs are from the numbers they should be: means over images and outputs."""

    images: int
    mean_squared_error: float
    root_mean_squared_error: float
    mean_absolute_error: float

    def __str__(self) -> str:
        return (
            f"mean squared error {self.mean_squared_error:.6g}, its root {self.root_mean_squared_error:.6g}, "
            f"mean absolute error {self.mean_absolute_error:.6g} of {self.images:,} images"
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
    top: int | None = None,
    threshold: float | None = None,
    input_shape: Shapes | None = None,
    progress: bool | None = None,
) -> Accuracy | LabelScores | Regression:
    """Measure how well a network with weights does on test images, in floating point.

    What is measured is what the labels are: with a class an image the recognition rate (:class:`Accuracy`), with a 0 or
    1 for each output F1 (:class:`LabelScores`), with numbers in floating point the squared error (:class:`Regression`).

    Parameters
    ----------
    model
        As in :func:`map`; it needs weights.
    images
        Bytes ``[image, channel, row, column]``; ``None`` stands for the test images of a data set. With several labels
        an image or numbers also as :func:`predict` takes them.
    labels
        The class of each of `images`, from 0; or ``[image, output]`` of 0 and 1 or of truth values; or the numbers of a
        regression in floating point, one for each output.
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
        Also count the images whose label is among this many best classes; 5 if it is not given.
    threshold
        Of several labels those are taken whose score is above this; by default 0.5 if the network ends in a sigmoid or
        a softmax, else 0.
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
    if limit is not None and limit < 1:
        raise TilewrightError(f"limit is {limit}; give at least 1")
    if (targets := _targets(network, labels, limit, threshold)) is not None:
        if top is not None or data is not None or images is None:
            raise TilewrightError(
                "top and data apply to images with one class each; leave them out, and give the images"
            )
        return _targeted(model, network, targets, np.asarray(images)[:limit], mean, std, progress)
    if threshold is not None:
        raise TilewrightError("threshold applies to several labels per image; leave it out")
    top = 5 if top is None else top
    shown_images = shown(model, network, images, labels, data, folder, mean, std)
    if top < 1:
        raise TilewrightError(f"top is {top}; give at least 1")
    with ProgressBar("images", progress) as bar:
        normalization = (shown_images.mean, shown_images.std)
        found = json.loads(_core.evaluate(network._core, shown_images.test, normalization, (limit, top), bar))
    classes = found["top"].pop("classes")
    return Accuracy(rate_of(found["top1"]), rate_of(found["top"]), classes, np.array(found["confusion"]))


def _targets(
    network: Network, labels: ArrayLike | None, limit: int | None, threshold: float | None
) -> _core.Targets | None:
    """Return what labels say, if they are no class an image."""
    if labels is None:
        return None
    told = np.asarray(labels)[:limit]
    is_real = np.issubdtype(told.dtype, np.floating)
    if not is_real and told.dtype != bool and not np.issubdtype(told.dtype, np.integer):
        return None
    values = np.ascontiguousarray(told, dtype=np.float32 if is_real else np.int64)
    targets = _core.Targets.of(network._core, values.tobytes(), list(told.shape), bool(is_real), threshold)
    if targets is not None and threshold is not None and not targets.are_labels:
        raise TilewrightError("threshold applies to several labels per image; leave it out")
    return targets


def _targeted(
    model: ModelLike,
    network: Network,
    targets: _core.Targets,
    images: NDArray[Any],
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
    progress: bool | None,
) -> LabelScores | Regression:
    """Run the network and compare its outputs with what is right."""
    shape = None if isinstance(model, str) and _core.card(model) else network.input_shape
    outputs = predict(model, images, mean=mean, std=std, input_shape=shape, progress=progress)
    found = json.loads(targets.measure(np.ascontiguousarray(outputs).tobytes()))
    if found["measure"] == "mean-squared-error":
        errors = (found[f"{error}_error"] for error in ("mean_squared", "root_mean_squared", "mean_absolute"))
        return Regression(found["count"], *errors)
    labels = tuple(OneLabel(one["f1"], one["right"], one["wrong"], one["missed"]) for one in found["labels"])
    scores = (found["threshold"], found["count"], found["micro_f1"], found["macro_f1"])
    return LabelScores(*scores, rate_of(found["exact"]), labels)


def rate_of(found: dict[str, Any]) -> Rate:
    """Return a rate from its JSON form."""
    low, high = found["interval"]
    return Rate(found["correct"], found["images"], found["rate"], (low, high))
