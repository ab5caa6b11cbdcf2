//! What counts stand on: the head of the documented JSON of `map` and `plan`.

use crate::mapping::{Bits, BitsFrom, BitsOrigin, CrossbarSize, SignRule, SubImageWindow, Target};
use serde::Serialize;

/// Version of the JSON form; it changes only when a key changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// Which network is mapped by which scheme onto what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Basis {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The network's name.
    pub network: String,
    /// Rows and columns of the unit crossbar.
    pub crossbar: CrossbarSize,
    /// How the sign of a weight is stored.
    pub encoding: SignRule,
    /// Bits of a weight.
    pub weight_bits: u32,
    /// Where they come from.
    pub weight_bits_from: BitsFrom,
    /// Least and greatest bits of a layer's weights, where they differ; each layer is mapped with its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_bits_of_layers: Option<[u32; 2]>,
    /// Bits of a cell.
    pub cell_bits: u32,
    /// Columns one weight takes.
    pub columns_per_weight: usize,
    /// The scheme's name.
    pub scheme: &'static str,
    /// What a reader must know to interpret the scheme's counts, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<&'static str>,
}

impl Basis {
    /// The bits of the weights, and where they come from.
    pub const fn weights(&self) -> Bits {
        let origin = BitsOrigin { from: self.weight_bits_from, of_layers: self.weight_bits_of_layers };
        Bits { bits: self.weight_bits, origin }
    }

    /// Of a network of this name.
    pub(super) fn new(network: &str, scheme: &'static str, target: &Target) -> Self {
        let is_reading = scheme == "sub-image" && target.window == SubImageWindow::Largest;
        Self {
            schema: SCHEMA,
            network: network.into(),
            crossbar: target.crossbar,
            encoding: target.encoding.sign,
            weight_bits: target.encoding.weight_bits,
            weight_bits_from: target.weight_bits_from.from,
            weight_bits_of_layers: target.weight_bits_from.of_layers,
            cell_bits: target.encoding.cell_bits,
            columns_per_weight: target.encoding.columns_per_weight(),
            scheme,
            reading: is_reading.then_some("sub-image scheme, largest-window reading"),
        }
    }
}
