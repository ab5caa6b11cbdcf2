"""A cost as tables: what each component takes, the totals, the spread over models of converters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tilewright._mapping import SIGNS
from tilewright._table import Table, counted, number, percent, size, thousands

if TYPE_CHECKING:
    from tilewright._cost_result import Breakdown, Cost, Peer

COMPONENTS = ["<component", "mm²", "of area", "µJ an image", "leaked", "of energy"]
LAYERS = ["<layer", "crossbars", "macros", "mm²", "µJ", "cycles", "ns a cycle", "<waits for", "starts µs", "ends µs"]
MODELS = ["<converters by", "<", "pJ each", "µm² each", "µJ an image", "mm²", "TOPS/W"]
PEER = ["<line", "<unit", "ours", "theirs", "ours / theirs"]
#: The model of those who name none.
TYPICAL = "walden-typical"
BOUNDS = {"read": "read", "convert": "conversion", "transfer": "bus"}


def text(cost: Cost) -> str:
    """Return the tables with a title above and what a reader must know below."""
    parts = [_title(cost), _components(cost).text(), _layers(cost).text(), _totals(cost)]
    if cost.adc_models:
        parts.append(_models(cost).text())
    for peer in cost.compared:
        lines = "".join(f"  {line.quantity.replace('-', ' ')}: {line.difference}.\n" for line in peer.lines)
        parts.append(
            f"{peer.peer}: {peer.setting}\n{peer.source}\n{_of_another(cost, peer)}\n{_peer(peer).text()}{lines}"
        )
    notes = [f"Weights: {cost.bits['weights']}. Inputs: {cost.bits['inputs']}."]
    notes += [f"Search: {cost.search}."] * (cost.search is not None) + [f"Note: {note}." for note in cost.notes]
    return "\n".join(parts) + "".join(f"{note}\n" for note in notes)


def html(cost: Cost) -> str:
    """Return the tables as HTML."""
    tables = [_components(cost), _layers(cost)] + ([_models(cost)] if cost.adc_models else [])
    return "".join(table.html() for table in [*tables, *(_peer(peer) for peer in cost.compared)])


def _title(cost: Cost) -> str:
    adc = cost.adc and f"{cost.adc.bits}-bit converters ({cost.adc.model}), {cost.adc.columns} sums each"
    bits = f"{cost.encoding['weight_bits']}-bit weights in {cost.encoding['cell_bits']}-bit cells"
    return (
        f"{cost.network}, scheme {cost.scheme}, chip {cost.chip} at {number(cost.node_nm)} nm\n"
        f"{size(cost.crossbar)} crossbars, {SIGNS[cost.encoding['sign']]}, {bits}, "
        f"{cost.input_bits}-bit inputs in {counted(int(cost.pulses), 'pulse')}, {adc or 'no converters'}\n"
    )


def _components(cost: Cost) -> Table:
    whole = cost.by_component
    rows = [
        _component(part, whole)
        for group in whole.parts
        for part in sorted(group.leaves, key=lambda part: -part.area_um2)
    ]
    return Table(COMPONENTS, rows, ["total", *_component(whole, whole)[1:]])


def _component(part: Breakdown, whole: Breakdown) -> list[str]:
    return [
        part.name,
        number(part.area_um2 * 1e-6),
        _of(part.area_um2, whole.area_um2),
        number(part.total_energy_pj * 1e-6),
        number(part.leakage_pj * 1e-6),
        _of(part.total_energy_pj, whole.total_energy_pj),
    ]


def _of(part: float, whole: float) -> str:
    return percent(part / whole) if whole > 0 else "–"


def _layers(cost: Cost) -> Table:
    rows = [
        [
            layer.name,
            thousands(layer.crossbars),
            thousands(int(layer.macros)),
            number(layer.area_mm2),
            number(layer.energy_uj),
            thousands(layer.cycles),
            number(layer.cycle_ns),
            BOUNDS[layer.bound],
            *(number(end * 1e-3) for end in layer.span_ns),
        ]
        for layer in cost.layers
    ]
    return Table(LAYERS, rows)


def _totals(cost: Cost) -> str:
    of_network = f" on crossbars of {thousands(2 * cost.coverage.macs)}" if cost.coverage.off_crossbars else ""
    chips = f" of {number(cost.chips)} chips" if cost.chips > 1 else ""
    held = [counted(cost.crossbars, "crossbar"), counted(int(cost.macros), "macro"), counted(int(cost.tiles), "tile")]
    return (
        f"{held[0]} in {held[1]} on {held[2]}{chips}, {number(cost.buffer_bytes / 1024)} kB of buffer.\n"
        f"{number(cost.area_mm2)} mm², {number(cost.energy_uj)} µJ an image (of it {number(cost.leakage_uj)} leak), "
        f"{number(cost.power_mw)} mW on average.\n"
        f"{cost.order.replace('-', ' ')}: latency {number(cost.latency_ms)} ms, an image every "
        f"{number(cost.interval_ms)} ms, {number(cost.images_per_second)} images/s.\n"
        f"{thousands(cost.operations)} operations an image{of_network} (2 a multiply-accumulate, padding counted): "
        f"{number(cost.tops)} TOPS, {number(cost.tops_per_w)} TOPS/W, {number(cost.tops_per_mm2)} TOPS/mm².\n"
    )


def _models(cost: Cost) -> Table:
    by_energy = sorted(cost.adc_models, key=lambda model: model.energy_uj)
    marks = [("low", by_energy[0].model), ("typical", TYPICAL), ("high", by_energy[-1].model)]
    marks += [("used", cost.adc.model)] if cost.adc else []
    rows = [
        [
            model.model,
            ", ".join(mark for mark, of in marks if of == model.model),
            *(number(figure) for figure in (model.conversion_pj, model.converter_um2)),
            *(number(figure) for figure in (model.energy_uj, model.area_mm2, model.tops_per_w)),
        ]
        for model in cost.adc_models
    ]
    return Table(MODELS, rows)


def _peer(peer: Peer) -> Table:
    rows = [
        [
            line.quantity.replace("-", " "),
            line.unit.replace("^2", "²").replace("u", "µ"),
            "–" if line.ours is None else number(line.ours),
            number(line.theirs),
            "–" if line.ours is None else number(line.ours / line.theirs),
        ]
        for line in peer.lines
    ]
    return Table(PEER, rows)


def _of_another(cost: Cost, peer: Peer) -> str:
    if peer.network == cost.network:
        return ""
    return f"These figures are of {peer.network}; ours are of {cost.network}.\n"
