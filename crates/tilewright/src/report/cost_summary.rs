//! What a mapped network costs, in its documented form.

use super::SCHEMA;
use crate::cost::Cost;
use crate::cost::peer::{Comparison, Peer};
use crate::mapping::NetworkBits;
use serde::Serialize;

/// A priced network. Its JSON form is the output of `tilewright cost --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostSummary {
    /// Version of the JSON form.
    pub schema: u32,
    /// Totals, layers and trees.
    #[serde(flatten)]
    pub cost: Cost,
    /// Bits of weights and inputs, and where they come from.
    pub bits: NetworkBits,
    /// Figures of other tools beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<Comparison>,
}

impl CostSummary {
    /// A cost beside the figures of these tools.
    pub fn new(cost: Cost, bits: NetworkBits, peers: &[Peer]) -> Self {
        let compared = peers.iter().map(|peer| peer.compare(&cost)).collect();
        Self { schema: SCHEMA, cost, bits, compared }
    }
}
