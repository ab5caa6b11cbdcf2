"""How many labelled images a network recognises on analog crossbars."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError
from tilewright._coverage import warn_of_coverage
from tilewright._design import DesignLike, Value
from tilewright._images import ShownImages, own_set, shown
from tilewright._network import Network, resolve
from tilewright._options import GroupRule, Options, RowSplit, RunOptions, SharedWeights, Window
from tilewright._progress import ProgressBar
from tilewright._simulation import Simulation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from tilewright._network import ModelLike
    from tilewright._torch import Shapes


#: Training images that converters are calibrated and layers measured on, unless it is said otherwise.
FIRST_IMAGES = 64


def simulate(
    model: ModelLike,
    images: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    *,
    training: ArrayLike | None = None,
    data: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    limit: int | None = None,
    design: DesignLike | None = None,
    scheme: str | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    shared_weights: SharedWeights = "apart",
    calibration: int | None = None,
    layer_images: int | None = None,
    seeds: int = 1,
    first_seed: int = 0,
    threads: int | None = None,
    top: int | None = None,
    outputs: bool = False,
    input_shape: Shapes | None = None,
    progress: bool | None = None,
    **settings: Value,
) -> Simulation:
    """Simulate a network with weights on analog crossbars and measure its recognition rate.

    Every weight becomes a cell of a device, every crossbar is solved with its wires, every current is converted; all of
    it is exact unless the design or a setting says otherwise, and then the rate is that of the integer network. On a
    design with analog neurons (``"seed"``) nothing is rounded between layers.

    Parameters
    ----------
    model, input_shape, row_split, grouped, window, shared_weights
        As in :func:`map`; it needs weights. ``"resnet8-3d-int8"`` defines its own rounding.
    images, labels, data, folder, mean, std, limit
        As in :func:`evaluate`.
    training
        Bytes like `images`, to calibrate converters on; by default the training images of the data set.
    design, scheme
        The hardware, a preset of :func:`designs`, a TOML file or a :class:`Design` (``"analog-22nm"`` by default); and
        a name of :func:`schemes` in place of the design's.
    settings
        Settings that override the design's, named as in :meth:`Design.settings`: ``wire=2.5``, ``adc_bits=8``,
        ``stuck=0.01``, ``device="joshi_2020"``. A setting without effect is refused.
    calibration, layer_images
        Numbers of training images to calibrate converters on, and of test images to measure the errors of layers on; by
        default 64, or all there are.
    seeds, first_seed
        Number of chips, each programmed from its own seed, from the first seed on.
    top
        Images also count whose label is among this many best classes: :attr:`Simulation.top`.
    outputs
        Whether to keep the output of every chip for every image: :attr:`Simulation.outputs`.
    threads, progress
        Number of threads (all by default), which does not affect the result; and whether to draw a progress bar (by
        default on a terminal).

    Examples
    --------
    >>> import numpy as np, tilewright
    >>> noise = np.random.default_rng(0).integers(0, 256, (32, 1, 28, 28), np.uint8)
    >>> labels = np.arange(32) % 10
    >>> wired = tilewright.simulate("lenet5-fashion-int8", noise, labels, training=noise, wire=5, adc_bits=8)
    >>> wired.crossbars, wired.lossless_bits, wired.layers[0].own.snr_db < 40
    (16, 21, True)
    """
    options = Options(design, settings, row_split, grouped, window, shared_weights, simulated=True)
    made = options.made()
    network = resolve(model, input_shape)
    network._core.verify_kept_digital()
    warn_of_coverage(network, 2)
    target = options.target(network._core)
    of = shown(model, network, images, labels, data, folder, mean, std)
    sets = (of.test, _training(training, of, network, folder))
    if training is not None:
        _has("calibration", calibration, "training", training)
    if images is not None:
        _has("layer_images", layer_images, "images", images)
    run = RunOptions(
        scheme=options.scheme(scheme),
        mean=of.mean,
        std=of.std,
        limit=limit,
        calibration=FIRST_IMAGES if calibration is None else calibration,
        layer_images=FIRST_IMAGES if layer_images is None else layer_images,
        seeds=seeds,
        first_seed=first_seed,
        threads=threads,
        top=top,
        outputs=outputs,
    )
    with ProgressBar("images", progress) as bar:
        (text, *tables), values = _core.simulate(network._core, target, made._core, sets, run, bar)
    document = json.loads(text)
    kept = None
    if values is not None:
        images_shown = document["runs"][0]["digital"]["images"]
        kept = np.frombuffer(values, np.float32).reshape(-1, images_shown, *network.output_shape)
    return Simulation(document, (tables[0], tables[1]), kept)


def _has(setting: str, count: int | None, argument: str, images: ArrayLike) -> None:
    """Refuse more images than an argument has."""
    there = len(np.asarray(images))
    if count is not None and count > there:
        raise TilewrightError(f"{setting} is {count}, and {argument} has {there} images; give at most {there}")


def _training(
    images: ArrayLike | None, of: ShownImages, network: Network, folder: str | os.PathLike[str] | None
) -> _core.Dataset:
    """Return the images that were given to calibrate on, or those of the data set."""
    if images is not None:
        pixels = np.asarray(images)
        # Labels are not looked at.
        return own_set(pixels, np.zeros(pixels.shape[:1], np.uint8), network)
    if of.data is None:
        raise TilewrightError("your own images need training images too, to calibrate on; give training")
    return _core.Dataset.load(of.data, "train", folder)
