//! What counts stand on: the head of the documented JSON of `map` and `plan`.

use crate::mapping::{CrossbarSize, SignRule, SubImageWindow, Target};
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
    /// How the sign of a weight is kept.
    pub encoding: SignRule,
    /// Bits of a weight.
    pub weight_bits: u32,
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
    /// Of a network of this name.
    pub(super) fn new(network: &str, scheme: &'static str, target: &Target) -> Self {
        let is_reading = scheme == "sub-image" && target.window == SubImageWindow::Largest;
        Self {
            schema: SCHEMA,
            network: network.into(),
            crossbar: target.crossbar,
            encoding: target.encoding.sign,
            weight_bits: target.encoding.weight_bits,
            cell_bits: target.encoding.cell_bits,
            columns_per_weight: target.encoding.columns_per_weight(),
            scheme,
            reading: is_reading.then_some("sub-image scheme, largest-window reading"),
        }
    }
}
