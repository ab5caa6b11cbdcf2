"""What a mapped network costs on a chip."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tilewright._bits import Bits, bits_of
from tilewright._coverage import Coverage, coverage_of
from tilewright._table import data_frame

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Breakdown:
    """A part with its area and energy, and the parts that add up to it."""

    name: str
    area_um2: float
    #: Switched for an image.
    energy_pj: float
    #: Leaked while an image is processed.
    leakage_pj: float
    #: Empty for what is priced as a whole.
    parts: tuple[Breakdown, ...] = ()

    @property
    def total_energy_pj(self) -> float:
        """Energy switched and leaked for an image."""
        return self.energy_pj + self.leakage_pj

    @property
    def leaves(self) -> Iterator[Breakdown]:
        """What is priced as a whole, anywhere below, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves

    def __getitem__(self, name: str) -> Breakdown:
        """Return the part of this name, the first anywhere below."""
        for part in self.parts:
            if part.name == name:
                return part
            try:
                return part[name]
            except KeyError:
                continue
        raise KeyError(name)


@dataclass(frozen=True)
class LayerCost:
    """One layer's hardware, time and energy."""

    name: str
    #: Unit crossbars, all copies.
    crossbars: int
    #: Whole ones, for layers do not share converters.
    macros: float
    input_bits: int
    #: Of an input.
    pulses: float
    #: Of a cycle; 1 where all rows of a crossbar are driven at once.
    steps: int
    #: Loads in series.
    cycles: int
    cycle_ns: float
    #: What a cycle waits for: ``"read"``, ``"convert"`` or ``"transfer"``.
    bound: str
    #: When it starts and ends.
    span_ns: tuple[float, float]
    #: Of an image: two a multiply-accumulate, those on padding included.
    operations: int
    #: What it takes, part by part.
    parts: Breakdown

    @property
    def area_mm2(self) -> float:
        """Area of its macros and their share of tiles."""
        return self.parts.area_um2 * 1e-6

    @property
    def energy_uj(self) -> float:
        """Energy of an image, leakage included."""
        return self.parts.total_energy_pj * 1e-6


@dataclass(frozen=True)
class ProductCost:
    """A layer or a product of feature maps that multiply-accumulate units compute."""

    name: str
    operation: str
    #: Multiply-accumulates of an image, those on padding included.
    macs: int
    #: Read from the buffer and written to it.
    buffer_bits: float
    #: What it waits for: ``"multiply"`` or ``"transfer"``.
    bound: str
    #: When it starts and ends.
    span_ns: tuple[float, float]


@dataclass(frozen=True)
class Converters:
    """The analog-to-digital converters."""

    #: Who priced them.
    model: str
    #: Of a conversion.
    bits: int
    #: Analog sums that share a converter.
    columns: int
    #: Conversions a second, in 10⁹.
    rate_gsps: float
    #: Of a conversion.
    energy_pj: float
    #: Of a converter.
    area_um2: float
    source: str


@dataclass(frozen=True)
class ConverterModel:
    """The same mapping with converters priced by one model."""

    model: str
    conversion_pj: float
    converter_um2: float
    energy_uj: float
    area_mm2: float
    #: The converters' part of that area.
    adc_mm2: float
    #: The converters' part of that energy.
    adc_uj: float
    tops_per_w: float


@dataclass(frozen=True)
class PeerFigure:
    """A figure of another tool beside ours."""

    quantity: str
    unit: str
    #: ``None`` if we have none.
    ours: float | None
    theirs: float
    #: Why they differ.
    difference: str


@dataclass(frozen=True)
class Peer:
    """Figures of another tool."""

    peer: str
    #: The network that the figures belong to.
    network: str
    setting: str
    source: str
    lines: tuple[PeerFigure, ...]


@dataclass(frozen=True)
class Unpriced:
    """A digital operation that is not in the price."""

    name: str
    operation: str
    #: Values that it yields for an image.
    values: int
    reason: str


@dataclass(frozen=True, eq=False)
class Cost:
    """Area, energy and time of a mapped network on a chip; made by :func:`cost`. Prints as tables."""

    network: str
    scheme: str
    chip: str
    node_nm: float
    #: Rows and columns of the unit crossbar.
    crossbar: tuple[int, int]
    #: Word lines of a crossbar that are driven at a time.
    active_rows: int
    #: ``sign``, ``weight_bits`` and ``cell_bits``.
    encoding: dict[str, Any]
    input_bits: int
    #: Of the ``"weights"`` and ``"inputs"``, with where they come from.
    bits: dict[str, Bits]
    #: Of an input.
    pulses: float
    #: ``None`` for a chip without converters.
    adc: Converters | None
    #: ``"layer-by-layer"`` or ``"pipelined"``.
    order: str
    #: Layout overhead included.
    area_mm2: float
    #: Of an image, leakage included.
    energy_uj: float
    #: What of it leaks.
    leakage_uj: float
    #: From an image to its result.
    latency_ms: float
    #: From one image to the next.
    interval_ms: float
    images_per_second: float
    #: Of an image, on crossbars and in multiply-accumulate units: two a multiply-accumulate, those on padding counted.
    operations: int
    #: Operations a second, in 10¹².
    tops: float
    tops_per_w: float
    tops_per_mm2: float
    #: On average.
    power_mw: float
    #: All copies of all layers.
    crossbars: int
    macros: float
    tiles: float
    chips: float
    #: That the schedule needs.
    buffer_bytes: float
    #: Those on crossbars, in execution order.
    layers: tuple[LayerCost, ...]
    #: What multiply-accumulate units compute, in execution order.
    products: tuple[ProductCost, ...]
    #: By component: what kind of part takes how much.
    by_component: Breakdown
    #: By layer, each by component.
    by_layer: Breakdown
    #: The same under every model of converters that reaches their bits.
    adc_models: tuple[ConverterModel, ...]
    #: How much of the network's arithmetic is on the crossbars, and what is not; of the latter only ``products`` have
    #: a price.
    coverage: Coverage
    #: Digital operations of the network that are not in the price.
    unpriced: tuple[Unpriced, ...]
    #: What a reader must know.
    notes: tuple[str, ...]
    #: Figures of other tools, as asked for.
    compared: tuple[Peer, ...]
    #: Why the search ended and how much it compared, in words; ``None`` if nothing was searched.
    search: str | None
    _document: dict[str, Any]
    #: As text, and for a notebook.
    _tables: tuple[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the documented form: the JSON of ``tilewright cost --format json``."""
        return copy.deepcopy(self._document)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the layers as a data frame, one row per layer."""
        rows = [
            {**vars(layer), "parts": None, "area_mm2": layer.area_mm2, "energy_uj": layer.energy_uj}
            for layer in self.layers
        ]
        frame: pandas.DataFrame = data_frame(rows, "name").drop(columns="parts")
        return frame

    def __repr__(self) -> str:
        return (
            f"<Cost of {self.network!r} by {self.scheme} on {self.chip}: {self.area_mm2:.4g} mm², "
            f"{self.energy_uj:.4g} µJ, {self.latency_ms:.4g} ms>"
        )

    def __str__(self) -> str:
        return self._tables[0]

    def _repr_html_(self) -> str:
        return self._tables[1]


def cost_of(document: dict[str, Any], search: str | None, tables: tuple[str, str]) -> Cost:
    """Return a cost from its documented form, how the mapping was searched, and its tables as text and in HTML."""
    found = copy.deepcopy(document)
    # Settings of layers are in the document alone.
    found.pop("layer_settings", None)
    found.pop("schema")
    spread = found.pop("adc_spread", None)
    by_layer = _breakdown(found.pop("by_layer"))
    layers = (
        LayerCost(**{**layer, "span_ns": tuple(layer["span_ns"])}, parts=parts)
        for layer, parts in zip(found.pop("layers"), by_layer.parts, strict=False)
    )
    return Cost(
        crossbar=tuple(found.pop("crossbar").values()),
        bits={what: bits_of(bits) for what, bits in found.pop("bits").items()},
        adc=Converters(**adc) if (adc := found.pop("adc")) else None,
        layers=tuple(layers),
        products=tuple(
            ProductCost(**{**product, "span_ns": tuple(product["span_ns"])}) for product in found.pop("products", ())
        ),
        by_component=_breakdown(found.pop("by_component")),
        by_layer=by_layer,
        adc_models=tuple(ConverterModel(**model) for model in spread["models"]) if spread else (),
        coverage=coverage_of(found.pop("coverage")),
        unpriced=tuple(Unpriced(**operation) for operation in found.pop("unpriced")),
        notes=tuple(found.pop("notes")),
        compared=tuple(_peer(peer) for peer in found.pop("compared", [])),
        search=search,
        _document=document,
        _tables=tables,
        **found,
    )


def _breakdown(tree: dict[str, Any]) -> Breakdown:
    return Breakdown(**{**tree, "parts": tuple(_breakdown(part) for part in tree.get("parts", ()))})


def _peer(peer: dict[str, Any]) -> Peer:
    return Peer(**{**peer, "lines": tuple(PeerFigure(**line) for line in peer["lines"])})
