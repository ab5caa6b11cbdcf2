//! A mapping as comma-separated values: a line a layer.

use crate::csv::line;
use anyhow::Result;
use std::io::Write;
use tilewright::mapping::{ColumnCut, RowCut};
use tilewright::report::{LayerSummary, Summary};

const TITLES: [&str; 30] = [
    "network",
    "scheme",
    "layer",
    "kind",
    "crossbars",
    "windows",
    "row_blocks",
    "column_blocks",
    "array_activations",
    "cycles",
    "output_window_height",
    "output_window_width",
    "sub_image_height",
    "sub_image_width",
    "input_channels",
    "output_channels",
    "packed",
    "replication",
    "utilization",
    "overlap_overhead",
    "input_loads",
    "row_cut",
    "column_cut",
    "output_height",
    "output_width",
    "weights",
    "macs",
    "network_macs_share",
    "weight_bits",
    "weight_bits_from",
];

/// Writes the layers of mappings below one header.
pub(super) fn write<'a>(to: &mut dyn Write, summaries: impl IntoIterator<Item = &'a Summary>) -> Result<()> {
    line(to, TITLES)?;
    for summary in summaries {
        for layer in &summary.layers {
            line(to, fields(summary, layer))?;
        }
    }
    Ok(())
}

fn fields(summary: &Summary, layer: &LayerSummary) -> [String; TITLES.len()] {
    [
        summary.basis.network.clone(),
        summary.basis.scheme.into(),
        layer.name.clone(),
        layer.kind.to_string(),
        layer.crossbars.to_string(),
        layer.windows.to_string(),
        layer.row_blocks.to_string(),
        layer.column_blocks.to_string(),
        layer.array_activations.to_string(),
        layer.cycles.to_string(),
        layer.output_window[0].to_string(),
        layer.output_window[1].to_string(),
        layer.sub_image[0].to_string(),
        layer.sub_image[1].to_string(),
        layer.input_channels.to_string(),
        layer.output_channels.to_string(),
        layer.packed.to_string(),
        layer.replication.to_string(),
        layer.utilization.to_string(),
        layer.overlap_overhead.to_string(),
        layer.input_loads.to_string(),
        row_cut(layer.row_cut),
        column_cut(layer.column_cut),
        layer.output[0].to_string(),
        layer.output[1].to_string(),
        layer.weights.to_string(),
        layer.macs.to_string(),
        summary.coverage.share.to_string(),
        summary.basis.weight_bits.to_string(),
        summary.basis.weight_bits_from.name().into(),
    ]
}

fn row_cut(cut: RowCut) -> String {
    match cut {
        RowCut::Element => "element".into(),
        RowCut::Channel(channels) => format!("channel {channels}"),
        RowCut::Rows(rows) => format!("rows {rows}"),
        RowCut::Stack(rows) => format!("stack {rows}"),
        RowCut::Position => "position".into(),
        RowCut::Band => "band".into(),
    }
}

fn column_cut(cut: ColumnCut) -> String {
    match cut {
        ColumnCut::Element => "element".into(),
        ColumnCut::Channel(channels) => format!("channel {channels}"),
        ColumnCut::Columns(columns) => format!("columns {columns}"),
        ColumnCut::Stack(columns) => format!("stack {columns}"),
    }
}
