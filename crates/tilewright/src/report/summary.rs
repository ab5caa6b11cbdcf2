//! A mapping as flat numbers: the documented JSON.

use super::basis::Basis;
use crate::hardware::LayerSettings;
use crate::mapping::{
    ColumnCut, CrossbarSize, LayerMapping, Mapping, MappingError, RowCut, SignRule, search::SearchRecord,
    sharing::Sharing,
};
use crate::network::{Coverage, LayerKind, Network, Op};
use serde::Serialize;

/// A mapped network as flat numbers. Its JSON form is the output of `tilewright map --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// What was mapped, and onto what.
    #[serde(flatten)]
    pub basis: Basis,
    /// The mapped layers in execution order.
    pub layers: Vec<LayerSummary>,
    /// All layers together.
    pub total: Total,
    /// What the search for an objective did, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchRecord>,
    /// Crossbars when partly filled ones of all layers are packed together, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharing: Option<SharingSummary>,
    /// Settings of the layers that a search put on other macros than the design's.
    #[serde(skip_serializing_if = "LayerSettings::is_empty")]
    pub layer_settings: LayerSettings,
    /// How much of the network's arithmetic is in these layers, and what is not.
    pub coverage: Coverage,
    /// Operations of the network that are not mapped and stay digital, in execution order.
    pub digital: Vec<DigitalOperation>,
}

/// One mapped layer as flat numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerSummary {
    /// The layer's name.
    pub name: String,
    /// `3d`, `2d`, `1d`, `grouped` or `dense`.
    pub kind: LayerKind,
    /// Rows and columns of its unit crossbar.
    pub crossbar: CrossbarSize,
    /// How the sign of its weights is stored.
    pub encoding: SignRule,
    /// Bits of its weights.
    pub weight_bits: u32,
    /// Bits of its cells.
    pub cell_bits: u32,
    /// The scheme that tiled it.
    pub scheme: &'static str,
    /// Unit crossbars held, all copies; none where an earlier layer's hold the weights.
    pub crossbars: u64,
    /// That earlier layer, where weights that several layers have are held once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
    /// Times one copy is loaded with inputs for an image; packed windows share a load.
    pub windows: u64,
    /// Into how many crossbars the rows are cut, all channel groups together; all crossbars of a Toeplitz band.
    pub row_blocks: u64,
    /// Into how many crossbars the columns of a row block are cut; 1 for a band.
    pub column_blocks: u64,
    /// windows × row_blocks × column_blocks: computing cycles of one physical array; where packs take turns, once for each.
    pub array_activations: u64,
    /// Steps in series with all the layer's crossbars working in parallel.
    pub cycles: u64,
    /// Height and width of the output window in pixels.
    pub output_window: [usize; 2],
    /// Height and width of the sub-image in pixels.
    pub sub_image: [usize; 2],
    /// Input channels of the layer.
    pub input_channels: usize,
    /// Output channels of the layer.
    pub output_channels: usize,
    /// Blocks (channel groups × windows) that share a crossbar and are driven at once.
    pub packed: usize,
    /// Packs of channel groups that take turns in a crossbar; 1 where all of it is driven at once.
    pub turns: usize,
    /// Physical copies.
    pub replication: u64,
    /// Cells that hold a weight per cell held, 0 to 1.
    pub utilization: f64,
    /// Touched pixels of a sub-image per pixel it advances by, minus one.
    pub overlap_overhead: f64,
    /// Values driven onto rows for an image.
    pub input_loads: u64,
    /// Where the rows are cut.
    pub row_cut: RowCut,
    /// Where the columns are cut.
    pub column_cut: ColumnCut,
    /// Height and width of the layer's output in pixels.
    pub output: [usize; 2],
    /// Weights of the layer.
    pub weights: u64,
    /// Multiply-accumulate operations per image.
    pub macs: u64,
}

/// All layers together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Total {
    /// Unit crossbars.
    pub crossbars: u64,
    /// Array activations.
    pub array_activations: u64,
    /// Cycles of all layers one after another.
    pub cycles: u64,
    /// Cells that hold a weight per cell held, 0 to 1.
    pub utilization: f64,
    /// Cycles of the slowest layer.
    pub bottleneck_cycles: u64,
    /// Values driven onto rows for an image.
    pub input_loads: u64,
}

/// How many crossbars are left when layers share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SharingSummary {
    /// Shared crossbars.
    pub crossbars: u64,
    /// No packing of the used rectangles takes fewer; where groups take turns, of one for each group.
    pub lower_bound: u64,
    /// Steps in series for an image, where crossbars of one layer that lie in one shared crossbar take turns.
    pub cycles: u64,
}

/// An operation that is not mapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DigitalOperation {
    /// The node's name.
    pub name: String,
    /// What it does.
    pub operation: String,
}

impl Summary {
    /// Flattens a mapping of `network`.
    ///
    /// # Errors
    /// [`MappingError::Overflow`] if a total exceeds 64 bits.
    pub fn new(network: &Network, mapping: &Mapping) -> Result<Self, MappingError> {
        let layers = mapping.layers.iter().map(|layer| LayerSummary::new(mapping, layer));
        Ok(Self {
            basis: Basis::new(&mapping.network, mapping.scheme, &mapping.target),
            layers: layers.collect::<Result<_, _>>()?,
            total: Total::new(mapping)?,
            search: mapping.search,
            sharing: None,
            layer_settings: LayerSettings::default(),
            coverage: network.coverage(),
            digital: digital_operations(network),
        })
    }
}

impl Summary {
    /// The same summary with the crossbars left when layers share them.
    #[must_use]
    pub fn with_sharing(mut self, sharing: &Sharing) -> Self {
        self.sharing = Some(SharingSummary {
            crossbars: sharing.crossbars,
            lower_bound: sharing.lower_bound,
            cycles: sharing.cycles,
        });
        self
    }
}

impl Total {
    /// Sums a mapping up.
    ///
    /// # Errors
    /// [`MappingError::Overflow`] if a total exceeds 64 bits.
    pub fn new(mapping: &Mapping) -> Result<Self, MappingError> {
        let counts = mapping.total()?;
        Ok(Self {
            crossbars: counts.crossbars,
            array_activations: counts.array_activations,
            cycles: counts.cycles,
            utilization: if mapping.cells() == 0.0 { 0.0 } else { counts.weight_cells as f64 / mapping.cells() },
            bottleneck_cycles: mapping.bottleneck_cycles(),
            input_loads: counts.input_loads,
        })
    }
}

impl LayerSummary {
    fn new(mapping: &Mapping, layer: &LayerMapping) -> Result<Self, MappingError> {
        let LayerMapping { name, kind, shape, crossbar, encoding, scheme, tiling, counts, held_by: _ } = layer;
        let tiles = layer.tiles()?;
        Ok(Self {
            name: name.clone(),
            kind: *kind,
            crossbars: layer.own_crossbars(),
            held_by: layer.held_by.map(|holder| mapping.layers[holder].name.clone()),
            windows: counts.windows,
            row_blocks: counts.row_blocks,
            column_blocks: counts.column_blocks,
            array_activations: counts.array_activations,
            cycles: counts.cycles,
            output_window: tiling.window,
            sub_image: tiles.partition.sub_image(),
            input_channels: shape.in_channels,
            output_channels: shape.out_channels,
            packed: tiling.packing.slots(),
            turns: tiling.turns,
            replication: tiling.replication,
            crossbar: *crossbar,
            encoding: encoding.sign,
            weight_bits: encoding.weight_bits,
            cell_bits: encoding.cell_bits,
            scheme,
            utilization: counts.utilization(*crossbar),
            overlap_overhead: tiles.partition.overlap_overhead(),
            input_loads: counts.input_loads,
            row_cut: tiling.rows,
            column_cut: tiling.columns,
            output: shape.output(),
            weights: shape.weights(),
            macs: shape.macs(),
        })
    }
}

fn digital_operations(network: &Network) -> Vec<DigitalOperation> {
    let digital =
        network.iter().filter(|&(id, node)| !network.is_layer(id) && !matches!(node.op, Op::Input | Op::Constant(_)));
    digital.map(|(_, node)| DigitalOperation { name: node.name.clone(), operation: node.op.name().into() }).collect()
}
