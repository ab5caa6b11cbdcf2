//! One crossbar of a chip cell by cell: what it holds, and what its wires take.

use super::SimulateError;
use super::chip::Plan;
use super::program::{Programmer, Wired};
use crate::circuit::{Crossbar, Keep, SolveOptions, solve_with};
use crate::mapping::Tiles;
use crate::mapping::placement::{PlacedCrossbar, crossbars};

/// The used cells of one crossbar, each a value `[word line][bit line]`, row-major, as they lie on the lines: word line 0 is
/// the one at the top, bit line 0 the one at the left.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossbarMap {
    /// The layer's name.
    pub layer: String,
    /// Which crossbar of the layer's first copy.
    pub crossbar: usize,
    /// How many a copy has.
    pub crossbars: usize,
    /// Word lines in use.
    pub rows: usize,
    /// Bit lines in use.
    pub columns: usize,
    /// What each cell was to be, in siemens.
    pub wanted: Vec<f64>,
    /// What it is after programming, faults and drift, in siemens.
    pub conductances: Vec<f64>,
    /// Current out of the bit line per volt on the word line alone, in siemens: what the crossbar computes. Linear cells add up,
    /// so with ideal wires it equals the conductances.
    pub matrix: Vec<f64>,
    /// Voltage across each cell by that of the sources, with all of them at the same voltage. 1 with ideal wires.
    pub voltages: Vec<f64>,
}

impl CrossbarMap {
    /// Crossbar `crossbar` of the first copy of a layer, on the chip of a seed.
    ///
    /// # Errors
    /// [`SimulateError`]: an unknown layer, a crossbar it does not have, or what keeps the chip from being programmed.
    pub fn of(plan: &Plan<'_>, seed: u64, layer: &str, crossbar: usize) -> Result<Self, SimulateError> {
        plan.verify()?;
        let number = place_of(plan, layer)?;
        let target = plan.mapping.target;
        let shape = &plan.layers[number].layer.shape;
        let tiles = Tiles::new(shape, plan.mapping.layers[number].tiling, target.crossbar, target.encoding)?;
        let placed: Vec<PlacedCrossbar> = crossbars(&tiles).collect();
        let what = format!("crossbar of layer {layer}");
        let allowed = format!("0 to {}", placed.len() - 1);
        SimulateError::check(&what, &crossbar, crossbar < placed.len(), &allowed)?;
        let programmer = Programmer { hardware: plan.hardware, encoding: target.encoding, seed };
        let weights = &plan.layers[number].weights;
        let wired = programmer.wire(&placed[crossbar], weights, number as u16, crossbar as u32)?;
        let on_lines = |cells: &[f64]| wired.order.onto_lines(cells);
        Ok(Self {
            layer: layer.into(),
            crossbar,
            crossbars: placed.len(),
            rows: wired.target.rows,
            columns: wired.target.columns,
            wanted: on_lines(&wired.target.siemens),
            conductances: on_lines(&wired.programmed),
            matrix: on_lines(&wired.matrix),
            voltages: voltages(plan, &wired)?,
        })
    }
}

impl CrossbarMap {
    /// Part of each cell's current that the wires take, 0 to 1; less than 0 where they bring some from other cells. 0 of open cells.
    pub fn taken(&self) -> Vec<f64> {
        let cells = self.conductances.iter().zip(&self.matrix);
        cells.map(|(&siemens, reached)| if siemens > 0.0 { 1.0 - reached / siemens } else { 0.0 }).collect()
    }

    /// The same of all cells together, each as important as its conductance.
    pub fn mean_taken(&self) -> f64 {
        let [held, reached] = [&self.conductances, &self.matrix].map(|cells| cells.iter().sum::<f64>());
        if held > 0.0 { 1.0 - reached / held } else { 0.0 }
    }
}

fn place_of(plan: &Plan<'_>, layer: &str) -> Result<usize, SimulateError> {
    let names = || plan.layers.iter().map(|layer| layer.layer.name.as_str());
    names().position(|name| name == layer).ok_or_else(|| SimulateError::Setting {
        what: "layer".into(),
        found: format!("{layer:?}"),
        allowed: format!("one of {}", names().collect::<Vec<_>>().join(", ")),
    })
}

/// Voltage across each cell under 1 V on all word lines.
fn voltages(plan: &Plan<'_>, wired: &Wired) -> Result<Vec<f64>, SimulateError> {
    let conductances = wired.order.onto_lines(&wired.programmed);
    let crossbar = Crossbar::new(wired.target.rows, wired.target.columns, conductances, plan.hardware.wiring)?;
    let options = SolveOptions { keep: Keep::Nodes, ..SolveOptions::default() };
    let solution = solve_with(&crossbar, &vec![1.0; crossbar.rows()], &options)?;
    let nodes = &solution.nodes[0];
    Ok(nodes.word.iter().zip(&nodes.bit).map(|(word, bit)| word - bit).collect())
}
