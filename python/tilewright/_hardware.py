"""The words that analog hardware is described by."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, TypeAlias

Copies: TypeAlias = Literal["apart", "alike"]
Drive: TypeAlias = Literal["left", "right", "both"]
Collect: TypeAlias = Literal["bottom", "top", "both"]
Pairs: TypeAlias = Literal["analog", "digital"]
LineOrder: TypeAlias = Literal["mapped", "by-current"]
UnusedCells: TypeAlias = Literal["programmed", "unformed"]
DriftCompensation: TypeAlias = Literal["none", "crossbar"]
FaultAware: TypeAlias = Literal["none", "pairs", "slices"]
#: A percentile of the magnitudes, 50 to 100, or how else the range is chosen.
AdcRange: TypeAlias = float | Literal["max", "least-squares"]
#: So many neighbouring columns, or all of a layer.
AdcScope: TypeAlias = int | Literal["layer"]
Device: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True)
class HardwareOptions:
    """Cells, wires, converters and compensation, as the core reads them."""

    device: str
    on_off: float | None
    g_on: float | None
    levels: int | None
    programming_error: float | None
    read_noise: float | None
    stuck: float | None
    drift: float | None
    verify_within: float | None
    max_pulses: int
    unused_cells: str
    g_unformed: float | None
    shorts: float | None
    age: float
    copies: str
    wire: float
    bit_wire: float | None
    source: float
    sink: float
    drive: str
    collect: str
    adc_bits: int | None
    adc_range: str
    adc_scope: str
    dac_bits: int | None
    pairs: str
    order: str
    fault_aware: str
    predistort: int
    drift_compensation: str
    refresh: bool


@dataclass(frozen=True)
class RunOptions:
    """What is run on the hardware, as the core reads it."""

    scheme: str
    input_bits: int | None
    mean: list[float]
    std: list[float]
    limit: int | None
    calibration: int
    layer_images: int
    seeds: int
    first_seed: int
    threads: int | None
