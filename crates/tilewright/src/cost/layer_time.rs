//! How long one layer takes, and what it waits for.

use serde::Serialize;

/// What a cycle of a layer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// The read of the cells.
    Read,
    /// The conversions.
    Convert,
    /// The bus.
    Transfer,
    /// Multiply-accumulate units.
    Multiply,
}

/// Time of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LayerTime {
    /// Steps of a cycle.
    pub steps: u64,
    /// One cycle, in ns.
    pub cycle_ns: f64,
    /// All cycles and what follows the last, in ns.
    pub total_ns: f64,
    /// What a cycle waits for.
    pub bound: Bound,
}
