//! A mapped network layer by layer: the table, and what a reader must know below it.

use super::table::{Column, Document, Kind, Table, Value, counted, thousands};
use super::{Basis, DigitalOperation, LayerSummary, SharingSummary, Summary};
use crate::mapping::search::SearchRecord;
use crate::mapping::sharing::share_crossbars;
use crate::mapping::{ColumnCut, Encoding, LayerMapping, Mapping, MappingError, RowCut, Target};
use crate::network::{ConvShape, LayerKind, Network};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A mapping with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    /// The mapping.
    pub mapping: Mapping,
    /// Its numbers.
    pub summary: Summary,
}

impl Mapped {
    /// The numbers of a mapping of `network`; with `share_layers` also those of its crossbars packed together.
    ///
    /// # Errors
    /// As [`Summary::new`] and [`share_crossbars`].
    pub fn new(network: &Network, mapping: Mapping, share_layers: bool) -> Result<Self, MappingError> {
        let mut summary = Summary::new(network, &mapping)?;
        if share_layers {
            summary = summary.with_sharing(&share_crossbars(&mapping)?);
        }
        Ok(Self { mapping, summary })
    }

    /// The table with its title above and its notes below; operations that stay digital are counted by kind, or each is named.
    pub fn document(&self, name_digital: bool) -> Document<'_> {
        let Self { mapping, summary } = self;
        let mut table = Self::layers([self]);
        table.total(total(&table, summary));
        let title = format!("{}, scheme {}", mapping.network, summary.basis.scheme);
        Document::new(&title)
            .lines(format!("{title}\n{}\n", onto(&mapping.target)))
            .table(table)
            .lines(notes(summary, name_digital))
    }

    /// The layers of mappings, a row a layer.
    pub fn layers<'a>(mapped: impl IntoIterator<Item = &'a Self>) -> Table {
        let mut table = Table::new(vec![
            Column::data("network"),
            Column::data("scheme"),
            Column::new(Kind::Words, "layer", "layer"),
            Column::new(Kind::Words, "kind", "kind").hidden_at(9),
            Column::shown(Kind::Words, "shape").hidden_at(4),
            Column::shown(Kind::Exact, "window").hidden_at(3),
            Column::new(Kind::Whole, "crossbars", "cross-\nbars"),
            Column::shown(Kind::Exact, "blocks").hidden_at(6),
            Column::shown(Kind::Whole, "copies").hidden_at(5),
            Column::new(Kind::Whole, "windows", "windows").hidden_at(7),
            Column::data("row_blocks"),
            Column::data("column_blocks"),
            Column::new(Kind::Whole, "array_activations", "acti-\nvations"),
            Column::new(Kind::Whole, "cycles", "cycles"),
            Column::data("output_window_height"),
            Column::data("output_window_width"),
            Column::data("sub_image_height"),
            Column::data("sub_image_width"),
            Column::data("input_channels"),
            Column::data("output_channels"),
            Column::data("packed"),
            Column::data("turns"),
            Column::data("replication"),
            Column::new(Kind::Share, "utilization", "utili-\nzation").hidden_at(2),
            Column::new(Kind::Share, "overlap_overhead", "over-\nlap").hidden_at(8),
            Column::data("input_loads"),
            Column::data("row_cut"),
            Column::data("column_cut"),
            Column::data("output_height"),
            Column::data("output_width"),
            Column::data("weights"),
            Column::data("macs"),
            Column::data("network_macs_share"),
            Column::data("crossbar_rows"),
            Column::data("crossbar_columns"),
            Column::data("encoding"),
            Column::data("cell_bits"),
            Column::data("weight_bits"),
            Column::data("weight_bits_from"),
        ]);
        for Mapped { mapping, summary } in mapped {
            for (layer, numbers) in mapping.layers.iter().zip(&summary.layers) {
                table.row(row(summary, layer, numbers));
            }
        }
        table
    }
}

/// What a network was mapped onto.
pub fn onto(target: &Target) -> String {
    let Target { crossbar, encoding, .. } = target;
    let sign = encoding.sign.words();
    let Encoding { weight_bits, cell_bits, .. } = encoding;
    let columns = counted(encoding.columns_per_weight() as u64, "column");
    format!("{crossbar} crossbars, {sign}, {weight_bits}-bit weights in {cell_bits}-bit cells, {columns} a weight")
}

fn row(summary: &Summary, mapped: &LayerMapping, layer: &LayerSummary) -> [Value; 39] {
    let [height, width] = layer.output_window;
    [
        (&summary.basis.network).into(),
        layer.scheme.into(),
        (&layer.name).into(),
        layer.kind.to_string().into(),
        compact(&mapped.shape).into(),
        format!("{height}×{width}").into(),
        layer.crossbars.into(),
        format!("{}×{}", thousands(layer.row_blocks), thousands(layer.column_blocks)).into(),
        layer.replication.into(),
        layer.windows.into(),
        layer.row_blocks.into(),
        layer.column_blocks.into(),
        layer.array_activations.into(),
        layer.cycles.into(),
        height.into(),
        width.into(),
        layer.sub_image[0].into(),
        layer.sub_image[1].into(),
        layer.input_channels.into(),
        layer.output_channels.into(),
        layer.packed.into(),
        layer.turns.into(),
        layer.replication.into(),
        layer.utilization.into(),
        layer.overlap_overhead.into(),
        layer.input_loads.into(),
        row_cut(layer.row_cut).into(),
        column_cut(layer.column_cut).into(),
        layer.output[0].into(),
        layer.output[1].into(),
        layer.weights.into(),
        layer.macs.into(),
        summary.coverage.share.into(),
        layer.crossbar.rows.into(),
        layer.crossbar.columns.into(),
        layer.encoding.name().into(),
        layer.cell_bits.into(),
        layer.weight_bits.into(),
        summary.basis.weight_bits_from.name().into(),
    ]
}

fn total(table: &Table, Summary { total, .. }: &Summary) -> Vec<Value> {
    let value = |column: &Column| match column.key {
        Some("layer") => "total".into(),
        Some("crossbars") => total.crossbars.into(),
        Some("array_activations") => total.array_activations.into(),
        Some("cycles") => total.cycles.into(),
        Some("utilization") => total.utilization.into(),
        _ => Value::Blank,
    };
    table.columns().iter().map(value).collect()
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
    let own: Vec<String> = summary.layers.iter().filter_map(|layer| own(&summary.basis, layer)).collect();
    if !own.is_empty() {
        let _ = writeln!(text, "Of their own: {}.", own.join("; "));
    }
    if let Some(held) = held(&summary.layers) {
        let _ = writeln!(text, "Held once: {held}.");
    }
    if !summary.layer_settings.is_empty() {
        let _ = writeln!(text, "Macros: {}.", summary.layer_settings);
    }
    if let Some(reading) = summary.basis.reading {
        let _ = writeln!(text, "Reading: {reading}.");
    }
    if let Some(SearchRecord { stop, compared, .. }) = summary.search {
        let _ = writeln!(text, "Search: {stop} ({} compared).", thousands(compared));
    }
    if let Some(sharing) = summary.sharing {
        let _ = writeln!(text, "Sharing: {}", shared(sharing));
    }
    if let Some(warning) = summary.coverage.warning() {
        let _ = writeln!(text, "Note: {warning}.");
    }
    text + &digital(&summary.digital, name_digital)
}

/// What a layer has of its own, as `conv1: 64×32 crossbars, 4-bit weights`; nothing where it is mapped as all others.
fn own(basis: &Basis, layer: &LayerSummary) -> Option<String> {
    let LayerSummary { name, crossbar, encoding, weight_bits, cell_bits, scheme, .. } = layer;
    let differences = [
        (*crossbar != basis.crossbar, format!("{crossbar} crossbars")),
        (*encoding != basis.encoding, format!("{} encoding", encoding.name())),
        (*weight_bits != basis.weight_bits, format!("{weight_bits}-bit weights")),
        (*cell_bits != basis.cell_bits, format!("{cell_bits}-bit cells")),
        (*scheme != basis.scheme, format!("scheme {scheme}")),
    ];
    let own: Vec<String> = differences.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what).collect();
    (!own.is_empty()).then(|| format!("{name}: {}", own.join(", ")))
}

/// Which layers use the crossbars of others with the same weights, as `b and 2 more on those of a`; nothing where none does.
fn held(layers: &[LayerSummary]) -> Option<String> {
    let mut of_holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for layer in layers {
        if let Some(holder) = &layer.held_by {
            of_holders.entry(holder).or_default().push(&layer.name);
        }
    }
    let on = |(holder, on): (&str, Vec<&str>)| match on.len() - 1 {
        0 => format!("{} on the crossbars of {holder}", on[0]),
        more => format!("{} and {more} more on the crossbars of {holder}", on[0]),
    };
    let held: Vec<String> = of_holders.into_iter().map(on).collect();
    (!held.is_empty()).then(|| held.join("; "))
}

/// What packing the crossbars of all layers together leaves.
pub fn shared(SharingSummary { crossbars, lower_bound, cycles }: SharingSummary) -> String {
    let crossbars = counted(crossbars, "crossbar");
    format!(
        "{crossbars} when layers share them; no packing takes fewer than {}. What shares a crossbar takes turns: {} in series.",
        thousands(lower_bound),
        counted(cycles, "cycle")
    )
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
