"""A network on crossbars, with its counts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tilewright import _core
from tilewright._coverage import Coverage, coverage_of
from tilewright._network import Layer, Network
from tilewright._table import counted, data_frame, size

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Total:
    """All layers together."""

    #: Unit crossbars held.
    crossbars: int
    #: Activations of a crossbar for an image: the literature's computing cycles of one physical array.
    array_activations: int
    #: Steps of all layers one after another, the crossbars of a layer working in parallel.
    cycles: int
    #: Cells that hold a weight per cell held, 0 to 1.
    utilization: float
    #: Cycles of the slowest layer.
    bottleneck_cycles: int
    #: Values driven onto rows for an image.
    input_loads: int


@dataclass(frozen=True)
class MappedLayer:
    """One layer on crossbars; pairs are (height, width) in pixels."""

    name: str
    #: ``3d`` standard, ``2d`` depthwise, ``1d`` pointwise, ``grouped`` or ``dense``.
    kind: str
    #: Unit crossbars held, all copies.
    crossbars: int
    #: Times one copy is loaded with inputs for an image.
    windows: int
    #: Into how many crossbars the rows are cut; all crossbars where they are no grid.
    row_blocks: int
    #: Into how many crossbars the columns of a row block are cut.
    column_blocks: int
    #: ``windows · row_blocks · column_blocks``.
    array_activations: int
    #: Steps in series with all the layer's crossbars working in parallel.
    cycles: int
    #: Outputs that one window yields.
    output_window: tuple[int, int]
    #: Input pixels one window spans.
    sub_image: tuple[int, int]
    #: Blocks (channel groups × windows) that share a crossbar block-diagonally, or stand in one stack.
    packed: int
    #: Packs of channel groups that take turns in a crossbar; 1 where all of it is driven at once.
    turns: int
    #: Physical copies.
    replication: int
    #: Cells that hold a weight per cell held, 0 to 1.
    utilization: float
    #: Touched pixels of a sub-image per pixel it advances by, less one.
    overlap_overhead: float
    #: Values driven onto rows for an image.
    input_loads: int
    #: ``"element"``, ``"position"``, ``"band"``, ``{"channel": n}``, ``{"rows": n}`` or ``{"stack": n}``.
    row_cut: str | dict[str, int]
    #: ``"element"``, ``{"channel": n}``, ``{"columns": n}`` or ``{"stack": n}``.
    column_cut: str | dict[str, int]
    #: The layer itself.
    shape: Layer
    #: The earlier layer on whose crossbars it is, where weights that several layers have are held once.
    held_by: str | None = field(default=None, kw_only=True)
    #: The mapping it is part of, and its place there.
    core: _core.Mapping = field(repr=False, compare=False)
    place: int = field(repr=False, compare=False)


class Mapping:
    """A network on crossbars; made by :func:`map`.

    ``print`` shows a table, a notebook the report with drawings. Layers are reached by name or place:
    ``mapping["conv1"]``.

    Examples
    --------
    >>> import tilewright
    >>> mapping = tilewright.map("lenet5", crossbar=128, scheme="im2col")
    >>> print(mapping)  # doctest: +ELLIPSIS
    lenet5, scheme im2col
    128×128 crossbars, differential pairs, 8-bit weights in 8-bit cells, 2 columns a weight
    ...
    >>> mapping["conv1"].crossbars
    1
    """

    def __init__(self, core: _core.Mapping) -> None:
        self._core = core
        self._summary: dict[str, Any] = json.loads(core.summary())
        self._network = Network(core.network)
        numbers = zip(self._summary["layers"], self._network.layers, strict=True)
        self._layers = tuple(_mapped(core, place, info, layer) for place, (info, layer) in enumerate(numbers))

    @property
    def network(self) -> Network:
        """The network that was mapped, its kernels replaced as planned."""
        return self._network

    @property
    def scheme(self) -> str:
        """Name of the scheme."""
        return str(self._summary["scheme"])

    @property
    def crossbar(self) -> tuple[int, int]:
        """Rows and columns of the unit crossbar."""
        return (self._summary["crossbar"]["rows"], self._summary["crossbar"]["columns"])

    @property
    def total(self) -> Total:
        """All layers together."""
        return Total(**{field.name: self._summary["total"][field.name] for field in fields(Total)})

    @property
    def coverage(self) -> Coverage:
        """How much of the network's arithmetic is in these layers, and what is not."""
        return coverage_of(self._summary["coverage"])

    @property
    def shared_crossbars(self) -> int | None:
        """Crossbars left when layers share partly filled ones, if that was asked for."""
        sharing = self._summary.get("sharing")
        return None if sharing is None else int(sharing["crossbars"])

    @property
    def layers(self) -> tuple[MappedLayer, ...]:
        """The mapped layers in execution order."""
        return self._layers

    def __getitem__(self, layer: str | int) -> MappedLayer:
        if isinstance(layer, int):
            return self._layers[layer]
        name = self._network._core.name_of(layer)
        for mapped in self._layers:
            if mapped.name == name:
                return mapped
        raise KeyError(layer)

    def __iter__(self) -> Iterator[MappedLayer]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def to_dict(self) -> dict[str, Any]:
        """Return the documented numbers: the JSON of ``tilewright map --format json``."""
        summary: dict[str, Any] = json.loads(self._core.summary())
        return summary

    def to_pandas(self) -> pandas.DataFrame:
        """Return the layers as a data frame, one row a layer, indexed by name."""
        frame: pandas.DataFrame = data_frame(self._summary["layers"], "name")
        return frame

    def report(self) -> str:
        """Return one self-contained page of HTML: this mapping, all schemes on the same target, the drawings."""
        return _core.report(self._core)

    def save_report(self, path: str | os.PathLike[str]) -> None:
        """Write the page of :meth:`report` to a file."""
        Path(path).write_text(self.report(), encoding="utf-8")

    def __repr__(self) -> str:
        total, crossbar = self.total, size(self.crossbar)
        crossbars, cycles = counted(total.crossbars, "crossbar"), counted(total.cycles, "cycle")
        return f"<Mapping of {self.network.name!r} by {self.scheme} on {crossbar}: {crossbars}, {cycles}>"

    def __str__(self) -> str:
        return self._core.text()

    def _repr_html_(self) -> str:
        # A frame of its own, without the notebook's origin: neither's style or script reaches the other's.
        page = escape(self.report(), quote=True)
        style = "width:100%;height:44em;border:0"
        return f'<iframe sandbox="allow-scripts" style="{style}" title="{escape(repr(self))}" srcdoc="{page}"></iframe>'


def _mapped(core: _core.Mapping, place: int, info: dict[str, Any], layer: Layer) -> MappedLayer:
    known = {field.name for field in fields(MappedLayer)}
    values: dict[str, Any] = {key: info[key] for key in info if key in known}
    values |= {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return MappedLayer(**values, shape=layer, core=core, place=place)
