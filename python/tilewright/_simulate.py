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
from tilewright._hardware import (
    AdcRange,
    AdcScope,
    Collect,
    Copies,
    Device,
    DriftCompensation,
    Drive,
    FaultAware,
    HardwareOptions,
    LineOrder,
    Pairs,
    RunOptions,
    UnusedCells,
)
from tilewright._images import ShownImages, own_set, shown
from tilewright._network import Network, resolve
from tilewright._options import Crossbar, Encoding, GroupRule, Options, RowSplit, Window
from tilewright._progress import ProgressBar
from tilewright._simulation import Simulation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from tilewright._network import ModelLike


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
    crossbar: Crossbar = 128,
    scheme: str = "optimal",
    encoding: Encoding = "differential",
    weight_bits: int | None = None,
    cell_bits: int | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    device: Device = "generic",
    on_off: float | None = None,
    g_on: float | None = None,
    levels: int | None = None,
    programming_error: float | None = None,
    read_noise: float | None = None,
    stuck: float | None = None,
    drift: float | None = None,
    verify_within: float | None = None,
    max_pulses: int | None = None,
    unused_cells: UnusedCells = "programmed",
    g_unformed: float | None = None,
    shorts: float | None = None,
    age: float = 0.0,
    copies: Copies = "apart",
    wire: float = 0.0,
    bit_wire: float | None = None,
    source: float = 0.0,
    sink: float = 0.0,
    drive: Drive = "left",
    collect: Collect = "bottom",
    adc_bits: int | None = None,
    adc_range: AdcRange | None = None,
    adc_scope: AdcScope | None = None,
    dac_bits: int | None = None,
    pairs: Pairs = "analog",
    input_bits: int | None = None,
    order: LineOrder = "mapped",
    fault_aware: FaultAware = "none",
    predistort: int = 0,
    drift_compensation: DriftCompensation = "none",
    refresh: bool = False,
    calibration: int | None = None,
    layer_images: int | None = None,
    seeds: int = 1,
    first_seed: int = 0,
    threads: int | None = None,
    input_shape: Sequence[int] | None = None,
    progress: bool | None = None,
) -> Simulation:
    """Run a network with weights on analog crossbars and count how many images it recognises.

    Every weight becomes a cell of a device, every crossbar is solved with its wires, every current is converted; all of
    it is exact unless a setting says otherwise, and then the rate is that of the integer network.

    Parameters
    ----------
    model
        As in :func:`map`; it needs weights. ``"resnet8-3d-int8"`` says itself how it is rounded.
    images, labels, data, folder, mean, std, limit
        As in :func:`evaluate`.
    training
        Bytes like `images`, to calibrate converters on; by default the training images of the data set. Your own images
        need them.
    crossbar, scheme, encoding, weight_bits, cell_bits, row_split, grouped, window, input_shape
        As in :func:`map`.
    device
        A built-in one (``"ideal"``, ``"generic"``, or of a publication; an unknown name lists them), or a TOML
        file.
    on_off, g_on
        Of the generic device: greatest by least conductance (100; ``math.inf`` for cells that are off), and the
        greatest in siemens (1e-4).
    levels
        Conductances that the generic device can have; by default any.
    programming_error, read_noise
        Standard deviation of programming, and of one read, of the generic device, by its greatest conductance.
    stuck
        Share of the generic device's cells that are stuck, half of them on and half off.
    drift
        Mean exponent of the generic device's drift.
    verify_within, max_pulses
        Program until a read is this near the target, by the device's range, at most so many times (20); by default
        once.
    unused_cells
        What the cells are that hold no weight: programmed to level 0, or never formed.
    g_unformed, shorts
        Conductance of an unformed cell, in siemens, and the share of them that conduct as if they were on; both 0 by
        default.
    age
        Seconds between programming and inference.
    copies
        Whether copies of a crossbar (replication) have cells of their own, or all the same.
    wire, bit_wire
        Resistance of word and bit lines between neighbouring cells, in ohm; of bit lines alone.
    source, sink
        Resistance of each source and sink, in ohm.
    drive, collect
        Ends of the word lines with a source, of the bit lines with a sink.
    adc_bits
        Bits of the converters that read currents, 1 to 16; ``None`` reads them exactly.
    adc_range
        How the range of a converter is chosen: ``"max"`` (by default), ``"least-squares"``, or a percentile of the
        magnitudes.
    adc_scope
        Which columns share a range: all of a layer (by default), or so many neighbours.
    dac_bits
        Bits of an input that one pulse drives, 1 to 16; ``None`` drives all at once.
    pairs
        Where the columns of a differential pair are subtracted.
    input_bits
        Bits of a layer input; by default those that the model rounds to, or 8 if it does not say. More than the model
        holds take more pulses.
    order
        In which order rows and columns are put onto the lines: ``"by-current"`` has large currents near the terminals.
    fault_aware
        Which cells take over the errors of stuck ones, found by testing the chip before it is programmed: the other
        cell of a differential pair (``"pairs"``), then those of the weight's other bit slices (``"slices"``).
    predistort
        Rounds of correcting conductances so that the wired crossbar computes the wanted matrix.
    drift_compensation
        Whether digital logic undoes the mean drift of cells: by one factor measured on each crossbar (``"crossbar"``).
    refresh
        Fit digital gain and offset of every output channel on the calibration images.
    calibration
        Training images, the first ones, that converters and digital corrections are calibrated on; by default 64, or
        all there are.
    layer_images
        Test images, the first ones, that the errors of layers are measured on; nothing is fitted on them. By default
        64, or all there are; 0: they are not measured.
    seeds, first_seed
        Chips, each programmed from a seed of its own, from the first seed on.
    threads
        By default as many as there are; the result does not depend on them.
    progress
        Whether to draw a progress bar; by default if the standard error is a terminal.

    Notes
    -----
    The interpreter lock is released, and Ctrl-C stops the run. Names, defaults and results are those of
    ``tilewright simulate``.

    Examples
    --------
    >>> import numpy as np, tilewright
    >>> noise = np.random.default_rng(0).integers(0, 256, (32, 1, 28, 28), np.uint8)
    >>> labels = np.arange(32) % 10
    >>> wired = tilewright.simulate("lenet5-fashion-int8", noise, labels, training=noise, wire=5, adc_bits=8)
    >>> wired.crossbars, wired.lossless_bits, wired.layers[0].own.snr_db < 40
    (16, 21, True)
    """
    _needs("max_pulses", max_pulses, "verify_within", verify_within)
    _needs("adc_range", adc_range, "adc_bits", adc_bits)
    _needs("adc_scope", adc_scope, "adc_bits", adc_bits)
    hardware = HardwareOptions(
        device=os.fspath(device),
        on_off=on_off,
        g_on=g_on,
        levels=levels,
        programming_error=programming_error,
        read_noise=read_noise,
        stuck=stuck,
        drift=drift,
        verify_within=verify_within,
        max_pulses=20 if max_pulses is None else max_pulses,
        unused_cells=unused_cells,
        g_unformed=g_unformed,
        shorts=shorts,
        age=age,
        copies=copies,
        wire=wire,
        bit_wire=bit_wire,
        source=source,
        sink=sink,
        drive=drive,
        collect=collect,
        adc_bits=adc_bits,
        adc_range="max" if adc_range is None else str(adc_range),
        adc_scope="layer" if adc_scope is None else str(adc_scope),
        dac_bits=dac_bits,
        pairs=pairs,
        order=order,
        fault_aware=fault_aware,
        predistort=predistort,
        drift_compensation=drift_compensation,
        refresh=refresh,
    )
    core_hardware = _core.Hardware(hardware)
    network = resolve(model, input_shape)
    warn_of_coverage(network, 2)
    options = Options(crossbar, encoding, weight_bits, cell_bits, row_split, grouped, window, input_bits)
    target = options.target(network._core)
    of = shown(model, network, images, labels, data, folder, mean, std)
    sets = (of.test, _training(training, of, network, folder))
    if training is not None:
        _has("calibration", calibration, "training", training)
    if images is not None:
        _has("layer_images", layer_images, "images", images)
    run = RunOptions(
        scheme=scheme,
        input_bits=input_bits,
        mean=of.mean,
        std=of.std,
        limit=limit,
        calibration=FIRST_IMAGES if calibration is None else calibration,
        layer_images=FIRST_IMAGES if layer_images is None else layer_images,
        seeds=seeds,
        first_seed=first_seed,
        threads=threads,
    )
    with ProgressBar("images", progress) as bar:
        return Simulation(json.loads(_core.simulate(network._core, target, core_hardware, sets, run, bar)))


def _needs(setting: str, value: object, other: str, other_value: object) -> None:
    """Refuse a setting that nothing heeds."""
    if value is not None and other_value is None:
        raise TilewrightError(f"{setting} is {value!r}, and nothing heeds it without {other}; give {other} too")


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
