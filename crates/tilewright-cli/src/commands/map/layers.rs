//! One mapping as a table: a row a layer, and what a reader must know below it.

use super::Mapped;
use crate::table::{Column, Table, counted, percent, thousands, wrap};
use std::collections::BTreeMap;
use std::fmt::Write;
use tilewright::mapping::{Encoding, LayerMapping, SignRule, Target, search::SearchRecord};
use tilewright::network::{ConvShape, LayerKind, Network};
use tilewright::report::{DigitalOperation, LayerSummary, SharingSummary, Summary};

/// The table with its title above and its notes below.
pub(super) fn text(mapped: &Mapped, network: &Network, name_digital: bool, width: Option<usize>) -> String {
    let Mapped { mapping, summary } = mapped;
    let mut table = Table::new(columns());
    for (layer, numbers) in mapping.layers.iter().zip(&summary.layers) {
        table.row(row(layer, numbers));
    }
    table.total(total(summary));
    let title = format!("{}, scheme {}\n{}", network.name, summary.basis.scheme, onto(&mapping.target));
    format!("{title}\n\n{}\n{}", table.render(width), wrap(&notes(summary, name_digital), width))
}

/// What a network was mapped onto.
pub(in crate::commands) fn onto(target: &Target) -> String {
    let Target { crossbar, encoding, .. } = target;
    let sign = match encoding.sign {
        SignRule::Differential => "differential pairs",
        SignRule::Offset => "offset columns",
        SignRule::Single => "cells that hold a sign",
    };
    let Encoding { weight_bits, cell_bits, .. } = encoding;
    let columns = counted(encoding.columns_per_weight() as u64, "column");
    format!("{crossbar} crossbars, {sign}, {weight_bits}-bit weights in {cell_bits}-bit cells, {columns} a weight")
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("layer"),
        Column::text("kind").hidden_at(9),
        Column::text("shape").hidden_at(4),
        Column::number("window").hidden_at(3),
        Column::number("cross-\nbars"),
        Column::number("blocks").hidden_at(6),
        Column::number("copies").hidden_at(5),
        Column::number("windows").hidden_at(7),
        Column::number("acti-\nvations"),
        Column::number("cycles"),
        Column::number("utili-\nzation").hidden_at(2),
        Column::number("over-\nlap").hidden_at(8),
    ]
}

fn row(layer: &LayerMapping, numbers: &LayerSummary) -> Vec<String> {
    let [height, width] = numbers.output_window;
    vec![
        numbers.name.clone(),
        numbers.kind.to_string(),
        compact(&layer.shape),
        format!("{height}×{width}"),
        thousands(numbers.crossbars),
        format!("{}×{}", thousands(numbers.row_blocks), thousands(numbers.column_blocks)),
        thousands(numbers.replication),
        thousands(numbers.windows),
        thousands(numbers.array_activations),
        thousands(numbers.cycles),
        percent(numbers.utilization),
        percent(numbers.overlap_overhead),
    ]
}

fn total(summary: &Summary) -> Vec<String> {
    let mut cells = vec![String::new(); columns().len()];
    cells[0] = "total".into();
    cells[4] = thousands(summary.total.crossbars);
    cells[8] = thousands(summary.total.array_activations);
    cells[9] = thousands(summary.total.cycles);
    cells[10] = percent(summary.total.utilization);
    cells
}

/// `16×32×32→32 3×3/2`: input, output channels, kernel, stride; dilation (`d`) and groups (`g`) where there are any.
fn compact(shape: &ConvShape) -> String {
    let ConvShape { in_channels, out_channels, input: [height, width], kernel, stride, dilation, groups, .. } = *shape;
    if shape.kind() == LayerKind::Dense {
        return format!("{in_channels}→{out_channels}");
    }
    let mut text = format!("{in_channels}×{height}×{width}→{out_channels} {}×{}", kernel[0], kernel[1]);
    for (mark, pair) in [("/", stride), (" d", dilation)] {
        let _ = match pair {
            [1, 1] => Ok(()),
            [both, other] if both == other => write!(text, "{mark}{both}"),
            [vertical, horizontal] => write!(text, "{mark}{vertical}×{horizontal}"),
        };
    }
    if groups > 1 {
        let _ = write!(text, " g{groups}");
    }
    text
}

fn notes(summary: &Summary, name_digital: bool) -> String {
    let mut text = String::new();
    let slowest = summary.layers.iter().rev().max_by_key(|layer| layer.cycles);
    if let Some(layer) = slowest {
        let _ = writeln!(text, "Slowest layer: {}, {}.", layer.name, counted(layer.cycles, "cycle"));
    }
    let _ = writeln!(text, "Weights: {}.", summary.basis.weights());
    if let Some(reading) = summary.basis.reading {
        let _ = writeln!(text, "Reading: {reading}.");
    }
    if let Some(SearchRecord { stop, compared, .. }) = summary.search {
        let _ = writeln!(text, "Search: {stop} ({} compared).", thousands(compared));
    }
    if let Some(sharing) = summary.sharing {
        let _ = writeln!(text, "Sharing: {} Layers in one crossbar take turns.", shared(sharing));
    }
    if let Some(warning) = summary.coverage.warning() {
        let _ = writeln!(text, "Note: {warning}.");
    }
    text + &digital(&summary.digital, name_digital)
}

/// What packing the crossbars of all layers together leaves.
pub(super) fn shared(SharingSummary { crossbars, lower_bound }: SharingSummary) -> String {
    let crossbars = counted(crossbars, "crossbar");
    format!("{crossbars} when layers share them; no packing takes fewer than {}.", thousands(lower_bound))
}

/// How many operations stay digital, by kind or each by name.
fn digital(operations: &[DigitalOperation], by_name: bool) -> String {
    if operations.is_empty() {
        return String::new();
    }
    let stay = if operations.len() == 1 { "stays" } else { "stay" };
    let head = format!("{} {stay} digital", counted(operations.len() as u64, "operation"));
    if by_name {
        let lines = operations.iter().map(|operation| format!("  {} ({})\n", operation.name, operation.operation));
        return format!("{head}:\n{}", lines.collect::<String>());
    }
    let mut kinds = BTreeMap::<&str, usize>::new();
    operations.iter().for_each(|operation| *kinds.entry(&operation.operation).or_default() += 1);
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    format!("{head}: {}.\n", kinds.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_stay_short() {
        let shape = ConvShape::new(16, [32, 30], 32, 3);
        assert_eq!(compact(&shape), "16×32×30→32 3×3");
        assert_eq!(compact(&ConvShape { stride: [2, 2], groups: 16, ..shape }), "16×32×30→32 3×3/2 g16");
        assert_eq!(compact(&ConvShape { stride: [2, 1], dilation: [2, 2], ..shape }), "16×32×30→32 3×3/2×1 d2");
        assert_eq!(compact(&ConvShape::dense(64, 10)), "64→10");
    }
}
