//! From one process node to another, explicitly.
//!
//! | quantity | logic | analog |
//! |---|---|---|
//! | area | (to / from)² | to / from (the exponent of Andrulis 2024's regression over published converters is 0.99) |
//! | energy, power at the same clock | to / from · (supply to / supply from)² | the same |
//! | time | to / from | 1 |
//!
//! Capacitance goes with the length of its side, so energy C·V² with the node and the square of the supply. The supply of a node
//! between two tabulated ones is interpolated. What lies outside the table is an error: there is no data to go by.

use super::{CostError, Library, Scaling};

/// Nodes with data, in nm.
const NODES: [u32; 6] = [22, 32, 45, 65, 90, 130];

/// The table of nodes.
#[derive(Clone, Debug)]
pub(super) struct Technology {
    supplies: [f64; NODES.len()],
    resistances: [f64; NODES.len()],
}

/// What a factor applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Area,
    Energy,
    Time,
}

impl Technology {
    pub(super) fn new(library: &Library) -> Result<Self, CostError> {
        let at = |what: &str, node: u32| {
            let id = format!("{what}.{node}nm");
            let missing = || CostError::value("constants", &id, "is missing");
            library.get(&id).map(|constant| constant.value).ok_or_else(missing)
        };
        let table = |what: &str| -> Result<[f64; NODES.len()], CostError> {
            let mut values = [0.0; NODES.len()];
            for (value, node) in values.iter_mut().zip(NODES) {
                *value = at(what, node)?;
            }
            Ok(values)
        };
        Ok(Self { supplies: table("technology.supply")?, resistances: table("wire.resistance")? })
    }

    /// Least and greatest node with data, in nm.
    pub(super) const fn range() -> [f64; 2] {
        [NODES[0] as f64, NODES[NODES.len() - 1] as f64]
    }

    /// Supply of a node in V.
    pub(super) fn supply(&self, node_nm: f64) -> f64 {
        interpolate(&self.supplies, node_nm)
    }

    /// Resistance of a crossbar's wire in Ω/µm.
    pub(super) fn wire_resistance(&self, node_nm: f64) -> f64 {
        interpolate(&self.resistances, node_nm)
    }

    /// What a value at one node is multiplied by at another.
    pub(super) fn factor(&self, quantity: Quantity, scaling: Scaling, from_nm: f64, to_nm: f64) -> f64 {
        let ratio = to_nm / from_nm;
        match (scaling, quantity) {
            (Scaling::None, _) | (Scaling::Analog, Quantity::Time) => 1.0,
            (Scaling::Logic, Quantity::Area) => ratio * ratio,
            (Scaling::Analog, Quantity::Area) | (Scaling::Logic, Quantity::Time) => ratio,
            (_, Quantity::Energy) => ratio * (self.supply(to_nm) / self.supply(from_nm)).powi(2),
        }
    }
}

/// Linear between tabulated nodes, constant outside.
fn interpolate(values: &[f64; NODES.len()], node_nm: f64) -> f64 {
    let nodes = NODES.map(f64::from);
    let above = nodes.iter().position(|&node| node >= node_nm).unwrap_or(NODES.len() - 1);
    if above == 0 || node_nm >= nodes[above] {
        return values[above];
    }
    let part = (node_nm - nodes[above - 1]) / (nodes[above] - nodes[above - 1]);
    values[above - 1] + part * (values[above] - values[above - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_by_hand() {
        let technology = Technology::new(&Library::built_in()).expect("the table is there");
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        close(technology.factor(Quantity::Area, Scaling::Logic, 32.0, 22.0), (22.0f64 / 32.0).powi(2));
        close(technology.factor(Quantity::Area, Scaling::Analog, 32.0, 22.0), 22.0 / 32.0);
        close(technology.factor(Quantity::Energy, Scaling::Logic, 32.0, 22.0), 22.0 / 32.0 * (0.8f64 / 0.9).powi(2));
        close(technology.factor(Quantity::Time, Scaling::Logic, 65.0, 130.0), 2.0);
        close(technology.factor(Quantity::Energy, Scaling::None, 32.0, 22.0), 1.0);
        close(technology.supply(27.0), 0.85);
        close(technology.supply(200.0), 1.3);
        // There and back again.
        let there = technology.factor(Quantity::Energy, Scaling::Logic, 45.0, 100.0);
        close(there * technology.factor(Quantity::Energy, Scaling::Logic, 100.0, 45.0), 1.0);
    }
}
