//! One crossbar of a chip cell by cell: what it holds, and what its wires take.

use super::SimulateError;
use super::crossbar_access::CrossbarAccess;
use super::hardware::Hardware;
use super::plan::Plan;
use super::program::Wired;
use crate::circuit::{CircuitError, Crossbar, Keep, SolveOptions, Wiring, solve_with};

/// The used cells of one crossbar, each a value `[word line][bit line]`, row-major, as they lie on the lines: word line 0 is
/// the one at the top, bit line 0 the one at the left.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossbarMap {
    /// The layer's name.
    pub layer: String,
    /// Which crossbar of a copy of the layer.
    pub crossbar: usize,
    /// How many a copy has.
    pub crossbars: usize,
    /// Word lines in use.
    pub rows: usize,
    /// Bit lines in use.
    pub columns: usize,
    /// The mapping's row on each word line.
    pub row_on_line: Vec<usize>,
    /// The mapping's column on each bit line; a weight's columns are side by side in the mapping.
    pub column_on_line: Vec<usize>,
    /// What each cell was to be, in siemens.
    pub wanted: Vec<f64>,
    /// What it is after programming, faults and drift, in siemens.
    pub conductances: Vec<f64>,
    /// Current out of the bit line per volt on the word line alone, in siemens: what the crossbar computes. Linear cells add up,
    /// so with ideal wires it equals the conductances. Of cells that bend it is by the current at the read voltage, as the conductances are.
    pub matrix: Vec<f64>,
    /// Voltage across each cell by that of the sources, with all of them at the read voltage. 1 with ideal wires; cells that bend are taken as
    /// linear, with the conductance that they have at the read voltage.
    pub voltages: Vec<f64>,
}

impl CrossbarMap {
    /// The crossbar that an access reads, on the chip of a seed.
    ///
    /// # Errors
    /// [`SimulateError`]: an unknown layer, a crossbar or an access it does not have, or what keeps the chip from being programmed.
    pub fn of(plan: &Plan<'_>, seed: u64, access: &CrossbarAccess<'_>) -> Result<Self, SimulateError> {
        plan.verify()?;
        let found = access.find(plan)?;
        let programmers = plan.programmers(seed)?;
        let weights = &plan.layers[found.layer].weights;
        let wired = programmers[found.layer].wire(&found.placed, weights, plan.cells_of(found.layer), found.number);
        let copy = found.number as usize / found.crossbars;
        let of_crossbar = |error: SimulateError| error.of_crossbar(access.layer, access.crossbar, copy);
        let wired = wired.map_err(of_crossbar)?;
        let on_lines = |cells: &[f64]| wired.order.onto_lines(cells);
        Ok(Self {
            layer: access.layer.into(),
            crossbar: access.crossbar,
            crossbars: found.crossbars,
            rows: wired.target.rows,
            columns: wired.target.columns,
            row_on_line: wired.order.rows.clone(),
            column_on_line: wired.order.columns.clone(),
            wanted: on_lines(&wired.target.siemens),
            conductances: on_lines(&wired.programmed),
            matrix: on_lines(&wired.matrix),
            voltages: voltages(plan.hardware_of(found.layer), &wired).map_err(of_crossbar)?,
        })
    }
}

impl CrossbarMap {
    /// The crossbar as a circuit between wires.
    ///
    /// # Errors
    /// If a resistance is out of range.
    pub fn circuit(&self, wiring: Wiring) -> Result<Crossbar, CircuitError> {
        Crossbar::new(self.rows, self.columns, self.conductances.clone(), wiring)
    }

    /// Voltages `[row]` as the mapping has them, as they lie on the word lines.
    ///
    /// # Panics
    /// If there are fewer than rows in use.
    pub fn on_word_lines(&self, volts: &[f64]) -> Vec<f64> {
        self.row_on_line.iter().map(|&row| volts[row]).collect()
    }

    /// Current out of each bit line under voltages on the word lines, in ampere.
    pub fn currents(&self, volts: &[f64]) -> Vec<f64> {
        let mut currents = vec![0.0; self.columns];
        for (volt, row) in volts.iter().zip(self.matrix.chunks_exact(self.columns)) {
            currents.iter_mut().zip(row).for_each(|(current, siemens)| *current += volt * siemens);
        }
        currents
    }

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

/// Voltage across each cell under 1 V on all word lines.
fn voltages(hardware: &Hardware, wired: &Wired) -> Result<Vec<f64>, SimulateError> {
    let gain = hardware.read_curve().gain();
    let conductances = wired.order.onto_lines(&wired.programmed).into_iter().map(|siemens| siemens * gain).collect();
    let crossbar = Crossbar::new(wired.target.rows, wired.target.columns, conductances, hardware.wiring)?;
    let options = SolveOptions { keep: Keep::Nodes, ..SolveOptions::default() };
    let solution = solve_with(&crossbar, &vec![1.0; crossbar.rows()], &options)?;
    let nodes = &solution.nodes[0];
    Ok(nodes.word.iter().zip(&nodes.bit).map(|(word, bit)| word - bit).collect())
}
