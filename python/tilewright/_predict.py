"""The outputs of a network for images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError
from tilewright._network import resolve
from tilewright._progress import ProgressBar

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tilewright._network import ModelLike, Network
    from tilewright._torch import Shapes


def predict(
    model: ModelLike,
    images: ArrayLike | tuple[ArrayLike, ...],
    *,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    input_shape: Shapes | None = None,
    progress: bool | None = None,
) -> NDArray[np.float32]:
    """Return the output of a network with weights for each image, as :func:`evaluate` computes it.

    Parameters
    ----------
    model
        As in :func:`map`; it needs weights.
    images
        ``[image, …]``, each of the network's input shape: bytes, which are normalised, or floating point, which is
        taken as it is. For a network of several inputs, a tuple of such arrays, one an input.
    mean, std
        Of bytes: mean and standard deviation of each channel, of pixels of 0 to 1; by default what a trained network
        had.
    input_shape
        As in :func:`map`.
    progress
        Whether to draw a progress bar; by default if the standard error is a terminal.

    Returns
    -------
    numpy.ndarray
        ``[image, …]``, such as ``[image, class]`` of a classifier: scores before a softmax unless the network has one.

    Notes
    -----
    All cores work, the interpreter lock is released, and Ctrl-C stops the run. The result does not depend on the cores,
    nor that of an image on the others.

    Examples
    --------
    >>> import numpy as np, tilewright
    >>> tilewright.predict("lenet5-fashion", np.zeros((2, 1, 28, 28), np.uint8)).shape
    (2, 10)
    """
    network = resolve(model, input_shape)
    given = joined(images) if isinstance(images, tuple) else np.asarray(images)
    if given.dtype != np.uint8 and not np.issubdtype(given.dtype, np.floating):
        raise TilewrightError(
            f"images are {given.dtype}; give uint8, which is normalised, or floating point, as the network takes it"
        )
    if given.shape[1:] != network.input_shape:
        raise TilewrightError(
            f"images have the shape {given.shape}; {network.name} takes images of {network.input_shape}"
        )
    normalization = _normalization(model, network, given, mean, std)
    is_real = given.dtype != np.uint8
    values = np.ascontiguousarray(given, dtype=np.float32 if is_real else np.uint8)
    shown = _core.Dataset.unlabelled(values.tobytes(), list(network.input_shape), is_real)
    with ProgressBar("images", progress) as bar:
        outputs = _core.predict(network._core, shown, normalization or (shown.mean, shown.deviation), bar)
    return np.frombuffer(outputs, np.float32).reshape(len(given), *network.output_shape)


def joined(inputs: tuple[ArrayLike, ...]) -> NDArray[Any]:
    """Return several inputs ``[image, …]`` as vectors, each after the one before it."""
    arrays = [np.asarray(values) for values in inputs]
    counts = {array.shape[:1] for array in arrays}
    if len(counts) != 1 or () in counts:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise TilewrightError(f"the inputs have the shapes {shapes}; give as many images in each")
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def _normalization(
    model: ModelLike,
    network: Network,
    images: NDArray[Any],
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
) -> tuple[list[float], list[float]] | None:
    """Return mean and deviation of bytes: those given, or those of a trained network; none of floating point."""
    if images.dtype != np.uint8:
        if mean is not None or std is not None:
            raise TilewrightError("floating-point images are used unchanged; leave mean and std out, or give bytes")
        return None
    if mean is None and std is None and (text := _core.card(model) if isinstance(model, str) else None):
        card = json.loads(text)["normalization"]
        mean, std = card["mean"], card["std"]
    if mean is None or std is None:
        raise TilewrightError(
            f"nothing says how bytes are normalised for {network.name}; give mean and std, one of each a channel"
        )
    return list(mean), list(std)
