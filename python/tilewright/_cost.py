"""What a mapped network costs on a chip: area, energy and time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tilewright import _core
from tilewright._cost_result import Cost, cost_of
from tilewright._map import planned
from tilewright._network import resolve
from tilewright._options import Crossbar, Encoding, GroupRule, KernelPlan, RowSplit, Window, crossbar_text

if TYPE_CHECKING:
    from tilewright._network import ModelLike

Schedule: TypeAlias = Literal["layer-by-layer", "pipelined"]
Priced: TypeAlias = Literal["area", "energy", "latency", "energy-delay", "area-delay"]


@dataclass(frozen=True)
class ChipOptions:
    """What is asked for in place of a chip's own settings, as the core reads it."""

    crossbar: str | None
    encoding: str | None
    weight_bits: int | None
    cell_bits: int | None
    input_bits: int | None
    adc: str | None
    adc_bits: int | None
    schedule: str | None


@dataclass(frozen=True)
class ChipUnit:
    """A level of a chip by itself."""

    #: ``"crossbar"`` (its share of a macro), ``"macro"``, ``"tile"`` or ``"chip"``.
    level: str
    area_mm2: float
    #: At full work.
    power_mw: float


@dataclass(frozen=True)
class ChipEntry:
    """A built-in chip; one without a number of tiles has one here."""

    name: str
    about: str
    node_nm: float
    units: tuple[ChipUnit, ...]
    #: Greatest number of operations a second, in 10¹².
    peak_tops: float


def chips() -> list[ChipEntry]:
    """Return the built-in chips; ``tilewright chip NAME`` prints one as a file to be changed.

    Examples
    --------
    >>> import tilewright
    >>> [chip.name for chip in tilewright.chips()]
    ['generic-22nm', 'generic-65nm', 'isaac', 'puma', 'neurram', 'seed']
    """
    return [_entry(chip) for chip in json.loads(_core.chips())]


def cost(
    model: ModelLike,
    *,
    chip: str | os.PathLike[str] = "generic-22nm",
    constants: Iterable[str | os.PathLike[str]] = (),
    scheme: str | None = None,
    kernels: KernelPlan | None = None,
    crossbar: Crossbar | None = None,
    encoding: Encoding | None = None,
    weight_bits: int | None = None,
    cell_bits: int | None = None,
    input_bits: int | None = None,
    adc: str | None = None,
    adc_bits: int | None = None,
    schedule: Schedule | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    objective: Priced | None = None,
    budget: int | None = None,
    inputs: Mapping[str, Sequence[float]] | None = None,
    compare: str | Iterable[str] = (),
    input_shape: Sequence[int] | None = None,
) -> Cost:
    """Map a network and price it on a chip: area, energy of an image, latency, component by component.

    Parameters
    ----------
    model, kernels, row_split, grouped, window, input_shape
        As in :func:`map`.
    chip
        A name of :func:`chips`, or a TOML file.
    constants
        TOML files of constants that replace built-in ones.
    scheme
        A name of :func:`schemes`; by default ``"im2col"``, as other cost tools map, or ``"optimal"`` with an objective.
    crossbar, encoding, cell_bits
        As in :func:`map`; by default the chip's.
    weight_bits, input_bits
        Bits of a weight, 2 to 16, and of an input, 1 to 16; by default those that the model holds, or the chip's if
        it is in floating point.
    adc, adc_bits
        Model of the converters, and bits of a conversion; by default the chip's, or as many as tell every sum apart.
    schedule
        Whether layers take turns or work at once; by default as the chip's.
    objective
        Search the mapping space for the least of this; by default the mapping is what the scheme says.
    budget
        Greatest number of crossbars of the network (objective ``"latency"``).
    inputs
        How often each input value occurs, by layer, ``"*"`` for the others; by default all are equally likely.
    compare
        Tools whose figures are put beside: ``"neurosim-v1.3"``, ``"neurosim-v1.4"``, ``"mnsim-2.0"``.

    Notes
    -----
    The interpreter lock is released. Names, defaults and results are those of ``tilewright cost``.

    Examples
    --------
    >>> import tilewright
    >>> tilewright.cost("resnet20")
    <Cost of 'resnet20' by im2col on generic-22nm: 17.5 mm², 98.96 µJ, 1.164 ms>
    >>> tilewright.cost("resnet20", kernels="2d1d")
    <Cost of 'resnet20' by im2col on generic-22nm: 11.7 mm², 76.28 µJ, 2.327 ms>
    """
    asked = ChipOptions(
        crossbar=None if crossbar is None else crossbar_text(crossbar),
        encoding=encoding,
        weight_bits=weight_bits,
        cell_bits=cell_bits,
        input_bits=input_bits,
        adc=adc,
        adc_bits=adc_bits,
        schedule=schedule,
    )
    histograms = None if inputs is None else json.dumps({layer: list(counts) for layer, counts in inputs.items()})
    original = resolve(model, input_shape)
    priced = _core.CostModel(
        original._core, os.fspath(chip), asked, [os.fspath(path) for path in constants], histograms
    )
    name = _core.cost_scheme(objective) if scheme is None else scheme
    target = priced.target(row_split, grouped, str(window))
    network = planned(original, kernels, name, target)
    peers = compare.split(",") if isinstance(compare, str) else list(compare)
    document, search, text, html = priced.cost(network._core, name, target, (objective, budget), peers)
    return cost_of(json.loads(document), search, (text, html))


def _entry(chip: dict[str, Any]) -> ChipEntry:
    sheet = chip["datasheet"]
    units = tuple(ChipUnit(**unit) for unit in sheet["units"])
    return ChipEntry(chip["name"], chip["about"], chip["node_nm"], units, sheet["peak_tops"])
