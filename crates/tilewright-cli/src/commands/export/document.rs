//! `placement.json`: everything about a placement but its arrays.

use super::arrays::LayerArrays;
use serde::Serialize;
use tilewright::mapping::{BitsOrigin, CrossbarSize, Encoding, LayerMapping, Mapping, Tiles, Tiling};
use tilewright::network::ConvShape;
use tilewright::partition::AxisPartition;

/// Version of the form; it changes only when a key or an array changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// The whole document.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    schema: u32,
    network: String,
    scheme: &'static str,
    crossbar: CrossbarSize,
    encoding: Encoding,
    /// Where the bits of the weights come from.
    weight_bits_from: BitsOrigin,
    /// Columns one weight takes.
    columns_per_weight: usize,
    /// Whether a column after the last weight's holds 1 in every row.
    offset_column: bool,
    layers: Vec<Layer>,
}

/// One layer.
#[derive(Debug, Serialize)]
struct Layer {
    name: String,
    shape: ConvShape,
    /// Output size `[height, width]`.
    output: [usize; 2],
    /// Its unit crossbar.
    crossbar: CrossbarSize,
    /// How its weights become cells.
    encoding: Encoding,
    tiling: Tiling,
    /// Times the crossbars are loaded with inputs for an image.
    loads: u64,
    /// Physical copies, which share the loads out.
    copies: u64,
    /// Crossbars of one copy, or packs that take turns in them.
    crossbars: usize,
    /// Weights placed in one copy.
    weights_placed: usize,
    /// The windows of the height and the width.
    windows: [Windows; 2],
    /// Where the arrays are in the NPZ file.
    arrays: String,
}

/// The windows of one axis.
#[derive(Debug, Serialize)]
struct Windows {
    /// Outputs of a window.
    length: usize,
    /// First output of each window.
    start: Vec<usize>,
    /// First output of each window, counted from its start, that no earlier window yields.
    owned_from: Vec<usize>,
}

impl Document {
    pub(super) fn new(mapping: &Mapping) -> Self {
        let encoding = mapping.target.encoding;
        Self {
            schema: SCHEMA,
            network: mapping.network.clone(),
            scheme: mapping.scheme,
            crossbar: mapping.target.crossbar,
            encoding,
            weight_bits_from: mapping.target.weight_bits_from,
            columns_per_weight: encoding.columns_per_weight(),
            offset_column: encoding.extra_columns() > 0,
            layers: vec![],
        }
    }

    pub(super) fn push(&mut self, layer: &LayerMapping, tiles: &Tiles, arrays: &LayerArrays, prefix: String) {
        self.layers.push(Layer {
            name: layer.name.clone(),
            shape: layer.shape,
            output: layer.shape.output(),
            crossbar: layer.crossbar,
            encoding: layer.encoding,
            tiling: layer.tiling,
            loads: tiles.loads(),
            copies: layer.tiling.replication,
            crossbars: arrays.crossbars(),
            weights_placed: arrays.weights(),
            windows: tiles.partition.axes.map(|axis| Windows::new(&axis)),
            arrays: prefix,
        });
    }
}

impl Windows {
    fn new(axis: &AxisPartition) -> Self {
        let all = 0..axis.windows();
        Self {
            length: axis.window,
            start: all.clone().map(|window| axis.start(window)).collect(),
            owned_from: all.map(|window| axis.owned(window).start).collect(),
        }
    }
}
