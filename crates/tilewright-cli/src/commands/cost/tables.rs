//! A priced network as tables: what each component takes, the totals, the spread over models of converters.

use crate::table::{Column, Table, counted, percent, thousands, wrap};
use std::fmt::Write;
use tilewright::cost::chip::Order;
use tilewright::cost::schedule::Bound;
use tilewright::cost::{AdcSpread, Breakdown, Cost};
use tilewright::mapping::search::SearchRecord;
use tilewright::mapping::{NetworkBits, SignRule};

/// The tables with a title above and what a reader must know below.
pub(super) fn text(
    cost: &Cost,
    bits: &NetworkBits,
    search: Option<&SearchRecord>,
    by_layer: bool,
    width: Option<usize>,
) -> String {
    let mut text = format!(
        "{}, scheme {}, chip {} at {} nm\n{}\n\n",
        cost.network,
        cost.scheme,
        cost.chip,
        cost.node_nm,
        onto(cost)
    );
    text.push_str(&components(cost).render(width));
    if by_layer {
        let _ = write!(text, "\n{}", layers(cost).render(width));
    }
    let _ = write!(text, "\n{}", wrap(&totals(cost), width));
    if let Some(spread) = &cost.adc_spread {
        let _ = write!(text, "\n{}", spread_table(spread, cost).render(width));
    }
    let mut notes = format!("Weights: {}. Inputs: {}.\n", bits.weights, bits.inputs);
    if let Some(SearchRecord { stop, compared, .. }) = search {
        let _ = writeln!(notes, "Search: {stop} ({} compared), priced in full.", thousands(*compared));
    }
    cost.notes.iter().for_each(|note| {
        let _ = writeln!(notes, "Note: {note}.");
    });
    text + &wrap(&notes, width)
}

fn onto(cost: &Cost) -> String {
    let sign = match cost.encoding.sign {
        SignRule::Differential => "differential pairs",
        SignRule::Offset => "offset columns",
        SignRule::Single => "cells that hold a sign",
    };
    let adc = cost.adc.as_ref().map_or("no converters".into(), |adc| {
        format!("{}-bit converters ({}), {} sums each", adc.bits, adc.model, adc.columns)
    });
    format!(
        "{} crossbars, {sign}, {}-bit weights in {}-bit cells, {}-bit inputs in {}, {adc}",
        cost.crossbar,
        cost.encoding.weight_bits,
        cost.encoding.cell_bits,
        cost.input_bits,
        counted(cost.pulses as u64, "pulse")
    )
}

fn components(cost: &Cost) -> Table {
    let mut table = Table::new(vec![
        Column::text("component"),
        Column::number("mm²"),
        Column::number("of area").hidden_at(2),
        Column::number("µJ an image"),
        Column::number("leaked").hidden_at(1),
        Column::number("of energy").hidden_at(3),
    ]);
    for group in &cost.by_component.parts {
        let leaves: &[Breakdown] = if group.parts.is_empty() { std::slice::from_ref(group) } else { &group.parts };
        let mut leaves: Vec<&Breakdown> = leaves.iter().collect();
        leaves.sort_by(|a, b| b.area_um2.total_cmp(&a.area_um2));
        leaves.iter().for_each(|part| table.row(row(part, &cost.by_component)));
    }
    table.total(row(&Breakdown { name: "total".into(), ..cost.by_component.clone() }, &cost.by_component));
    table
}

fn row(part: &Breakdown, whole: &Breakdown) -> Vec<String> {
    let of = |part: f64, whole: f64| if whole > 0.0 { percent(part / whole) } else { "–".into() };
    vec![
        part.name.clone(),
        number(part.area_um2 * 1e-6),
        of(part.area_um2, whole.area_um2),
        number(part.total_energy_pj() * 1e-6),
        number(part.leakage_pj * 1e-6),
        of(part.total_energy_pj(), whole.total_energy_pj()),
    ]
}

fn layers(cost: &Cost) -> Table {
    let mut table = Table::new(vec![
        Column::text("layer"),
        Column::number("crossbars"),
        Column::number("macros").hidden_at(3),
        Column::number("mm²"),
        Column::number("µJ"),
        Column::number("cycles").hidden_at(2),
        Column::number("ns a cycle").hidden_at(2),
        Column::text("waits for").hidden_at(1),
        Column::number("starts µs").hidden_at(1),
        Column::number("ends µs"),
    ]);
    for (layer, part) in cost.layers.iter().zip(&cost.by_layer.parts) {
        let bound = match layer.bound {
            Bound::Read => "read",
            Bound::Convert => "conversion",
            Bound::Transfer => "bus",
        };
        table.row(vec![
            layer.name.clone(),
            thousands(layer.crossbars),
            thousands(layer.macros as u64),
            number(part.area_um2 * 1e-6),
            number(part.total_energy_pj() * 1e-6),
            thousands(layer.cycles),
            number(layer.cycle_ns),
            bound.into(),
            number(layer.span_ns[0] * 1e-3),
            number(layer.span_ns[1] * 1e-3),
        ]);
    }
    table
}

fn totals(cost: &Cost) -> String {
    let order = match cost.order {
        Order::LayerByLayer => "layer by layer",
        Order::Pipelined => "pipelined",
    };
    let of_network = match cost.coverage.is_whole() {
        true => String::new(),
        false => format!(" on crossbars of {}", thousands(2 * cost.coverage.macs)),
    };
    let chips = if cost.chips > 1.0 { format!(" of {} chips", cost.chips) } else { String::new() };
    format!(
        "{} in {} on {}{chips}, {} kB of buffer.\n\
         {} mm², {} µJ an image (of it {} leak), {} mW on average.\n\
         {order}: latency {} ms, an image every {} ms, {} images/s.\n\
         {} operations an image{of_network} (2 a multiply-accumulate, padding counted): {} TOPS, {} TOPS/W, {} TOPS/mm².\n",
        counted(cost.crossbars, "crossbar"),
        counted(cost.macros as u64, "macro"),
        counted(cost.tiles as u64, "tile"),
        number(cost.buffer_bytes / 1024.0),
        number(cost.area_mm2),
        number(cost.energy_uj),
        number(cost.leakage_uj),
        number(cost.power_mw),
        number(cost.latency_ms),
        number(cost.interval_ms),
        number(cost.images_per_second),
        thousands(cost.operations),
        number(cost.tops),
        number(cost.tops_per_w),
        number(cost.tops_per_mm2),
    )
}

fn spread_table(spread: &AdcSpread, cost: &Cost) -> Table {
    let used = cost.adc.as_ref().map_or("", |adc| adc.model.as_str());
    let marks: Vec<(&str, &str)> = spread
        .low_typical_high()
        .map(|points| points.map(|point| point.model).into_iter().zip(["low", "typical", "high"]).collect())
        .unwrap_or_default();
    let mut table = Table::new(vec![
        Column::text("converters by"),
        Column::text(""),
        Column::number("pJ each").hidden_at(1),
        Column::number("µm² each").hidden_at(1),
        Column::number("µJ an image"),
        Column::number("mm²"),
        Column::number("TOPS/W"),
    ]);
    for point in &spread.models {
        let mut words: Vec<&str> =
            marks.iter().filter(|(model, _)| *model == point.model).map(|(_, mark)| *mark).collect();
        if point.model == used {
            words.push("used");
        }
        table.row(vec![
            point.model.into(),
            words.join(", "),
            number(point.conversion_pj),
            number(point.converter_um2),
            number(point.energy_uj),
            number(point.area_mm2),
            number(point.tops_per_w),
        ]);
    }
    table
}

/// Four significant digits at most, thousands apart.
pub(in crate::commands) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if !(1e-4..1e15).contains(&size) => format!("{value:.2e}"),
        size if size >= 999.5 => thousands(value.round() as u64),
        size => {
            let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
            let text = format!("{value:.decimals$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits() {
        let written = [0.0, 0.000_012_3, 0.012_345, 1.0, 12.345, 123.45, 1234.5, 1e9].map(number);
        assert_eq!(written, ["0", "1.23e-5", "0.01235", "1", "12.35", "123.5", "1,235", "1,000,000,000"]);
    }
}
