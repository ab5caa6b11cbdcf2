//! One access to one crossbar of a chip: which cells are read, and what drives their rows.

use super::SimulateError;
use super::analog::{Access, Reading};
use super::chip::Chip;
use super::layer_maps::LayerMaps;
use super::plan::Plan;
use crate::mapping::placement::{Crossbars, PlacedCrossbar};
use crate::network::Tensor;
use fearless_simd::Level;
use std::ops::Range;

/// An access to a crossbar of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossbarAccess<'a> {
    /// The layer's name.
    pub layer: &'a str,
    /// Which crossbar of a copy.
    pub crossbar: usize,
    /// Which access to it for an image: load by load, within a load step by step where only some rows are driven at a time, and within a
    /// step pulse by pulse. Copies take turns, load by load.
    pub access: u64,
}

/// What an access reads.
pub(super) struct Accessed {
    /// The layer's place in execution order.
    pub(super) layer: usize,
    pub(super) placed: PlacedCrossbar,
    /// How many crossbars a copy has.
    pub(super) crossbars: usize,
    /// The crossbar's number among those of all copies.
    pub(super) number: u32,
    load: u64,
    pulse: usize,
    /// The rows that are driven.
    rows: Range<usize>,
}

impl CrossbarAccess<'_> {
    /// # Errors
    /// [`SimulateError::Setting`]: an unknown layer, or a crossbar or an access that it does not have.
    pub(super) fn find(&self, plan: &Plan<'_>) -> Result<Accessed, SimulateError> {
        let layer = self.place(plan)?;
        let mapped = &plan.mapping.layers[layer];
        if mapped.tiling.turns > 1 {
            let problem = "has groups that take turns in a crossbar, and a crossbar by itself is shown with one pack only; take the \
                           groups packed or separate";
            return Err(SimulateError::Layer { layer: mapped.name.clone(), problem: problem.into() });
        }
        let tiles = mapped.tiles()?;
        let crossbars = Crossbars::new(&tiles);
        let count = crossbars.count();
        if self.crossbar >= count {
            return Err(self.beyond("crossbar", &self.crossbar, count as u64));
        }
        let steps = crossbars.steps(self.crossbar, plan.rows_at_once(layer));
        let pulses = plan.pulses(layer).count as u64;
        let accesses = tiles.loads() * steps.len() as u64 * pulses;
        if self.access >= accesses {
            return Err(self.beyond("access", &self.access, accesses));
        }
        let (step, pulse) = (self.access / pulses, (self.access % pulses) as usize);
        let load = step / steps.len() as u64;
        let copy = load as usize % plan.copies(layer);
        let number = (copy * count + self.crossbar) as u32;
        let placed = crossbars.place(self.crossbar);
        let rows = steps[(step % steps.len() as u64) as usize].rows.clone();
        Ok(Accessed { layer, placed, crossbars: count, number, load, pulse, rows })
    }

    /// The rows that the access drives, as the mapping has them; all others are at 0 V.
    ///
    /// # Errors
    /// [`SimulateError::Setting`]: an unknown layer, or a crossbar or an access that it does not have.
    pub fn driven_rows(&self, plan: &Plan<'_>) -> Result<Range<usize>, SimulateError> {
        Ok(self.find(plan)?.rows)
    }

    fn place(&self, plan: &Plan<'_>) -> Result<usize, SimulateError> {
        let names = || plan.layers.iter().map(|layer| layer.layer.name.as_str());
        let asked = plan.network.name_of(self.layer);
        names().position(|name| name == asked).ok_or_else(|| SimulateError::Setting {
            what: "layer".into(),
            found: format!("{:?}", self.layer),
            allowed: format!("one of {}", names().collect::<Vec<_>>().join(", ")),
        })
    }

    fn beyond(&self, noun: &str, found: &impl ToString, count: u64) -> SimulateError {
        SimulateError::Setting {
            what: format!("{noun} of layer {}", self.layer),
            found: found.to_string(),
            allowed: format!("0 to {}", count - 1),
        }
    }
}

impl Chip {
    /// What an image drives each used row of a crossbar with at an access, `[row]` as the mapping has them, by the greatest input
    /// that a pulse can drive: -1 to 1. `number` is the image's in its data set. The plan is the chip's.
    ///
    /// # Errors
    /// [`SimulateError`]: an unknown layer, a crossbar or an access that it does not have, or an image of another shape.
    pub fn row_inputs(
        &self,
        plan: &Plan<'_>,
        access: &CrossbarAccess<'_>,
        number: u64,
        image: &Tensor<f32>,
    ) -> Result<Vec<f64>, SimulateError> {
        let found = access.find(plan)?;
        let maps = LayerMaps::of(plan.network, &self.executor, number, std::slice::from_ref(image))?;
        let (node, layer) = self.executor.layers().nth(found.layer).expect("a layer of the plan");
        let copy = found.number as usize / found.crossbars;
        let Accessed { load, pulse, rows, .. } = found;
        let access =
            Access { crossbar: access.crossbar, copy, load, pulse, first: number, reading: Reading::default() };
        let mut inputs = layer.row_inputs(Level::new(), maps.input(node), &access);
        inputs[..rows.start].fill(0.0);
        inputs[rows.end..].fill(0.0);
        Ok(inputs)
    }
}
