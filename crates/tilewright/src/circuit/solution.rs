//! What a solved crossbar tells: currents, node voltages, branch currents, and how well Kirchhoff's law holds.

use super::balance::{Balance, sum};
use super::line::{Line, Run};
use super::state::{State, lines_of};
use super::{CircuitError, Collect, Crossbar, Drive};
use serde::Serialize;

/// What a solution keeps besides the column currents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    #[default]
    Currents,
    /// The voltages of all nodes under every input; branch currents follow from them.
    Nodes,
}

/// A crossbar solved under one input or more.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Number of inputs.
    pub inputs: usize,
    /// Current into each column's sink or sinks, `[column][input]`, row-major. Ampere.
    pub currents: Vec<f64>,
    /// Iterations of the input that took most.
    pub iterations: usize,
    /// No column current is off by more than this part of the largest column current of its input, or, where currents of opposite sign
    /// cancel, of the largest under the voltages' magnitudes. Proven from what Kirchhoff's current law finds missing and what rounding can
    /// hide; of [`Method::Transfer`] the difference between two orders of elimination, and their rounding.
    pub residual: f64,
    /// How it was solved.
    pub method: Method,
    /// One an input, if they were to be kept; else none.
    pub nodes: Vec<NodeVoltages>,
}

/// How a crossbar was solved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Conjugate gradients, around Newton's iteration where cells are not linear.
    #[default]
    ConjugateGradients,
    /// The transfer matrix, for at least one input: resistances and conductances too far apart for voltages of 53 bits.
    Transfer,
}

/// A crossbar solved under one input.
pub(super) struct Answer {
    /// Into each column's sinks. Ampere.
    pub(super) currents: Vec<f64>,
    /// In ampere; no current is off by more.
    pub(super) error: f64,
    /// The current that the error is relative to.
    pub(super) scale: f64,
    pub(super) iterations: usize,
}

impl Answer {
    /// The currents of a state; `cells` and `missing` as [`Balance::error`] takes them.
    pub(super) fn new(
        crossbar: &Crossbar,
        balance: &Balance<'_>,
        state: &State,
        cells: &[f64],
        missing: &[Vec<f64>; 2],
        iterations: usize,
    ) -> Self {
        let currents = column_currents(crossbar, &state.bit, cells);
        let scale = currents.iter().fold(0.0, |most, current| f64::max(most, current.abs()));
        let [word, bit] = missing;
        let error = balance.error(state, cells, [word, bit]) + 2.0 * f64::EPSILON * scale;
        Self { currents, error, scale, iterations }
    }

    /// The error that this is not within the tolerance.
    pub(super) fn inexact(&self, tolerance: f64) -> CircuitError {
        CircuitError::NotConverged { iterations: self.iterations, residual: self.residual(), tolerance }
    }

    pub(super) fn residual(&self) -> f64 {
        if self.error == 0.0 { 0.0 } else { self.error / self.scale }
    }
}

impl Solution {
    pub(super) fn empty(crossbar: &Crossbar, inputs: usize) -> Self {
        let currents = vec![0.0; crossbar.columns() * inputs];
        Self { inputs, currents, iterations: 0, residual: 0.0, method: Method::default(), nodes: vec![] }
    }

    pub(super) fn add(&mut self, input: usize, answer: &Answer) {
        self.residual = self.residual.max(answer.residual());
        self.iterations = self.iterations.max(answer.iterations);
        let outputs = self.currents.iter_mut().skip(input).step_by(self.inputs);
        outputs.zip(&answer.currents).for_each(|(output, current)| *output = *current);
    }
}

/// Voltages of all nodes under one input, `[row][column]`, in volt. Nodes that an ideal wire makes one are repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeVoltages {
    /// Word side of each cell.
    pub word: Vec<f64>,
    /// Bit side of each cell.
    pub bit: Vec<f64>,
    /// How far the word nodes are below their sources.
    drop: Vec<f64>,
    /// Currents through the cells.
    cells: Vec<f64>,
}

/// Currents through all branches under one input, in ampere.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchCurrents {
    /// Through each cell, from word line to bit line, `[row][column]`.
    pub cells: Vec<f64>,
    /// Along the word lines, from left to right, `[row][columns + 1]`: before column 0, between the columns, after the last. The
    /// outer two come from a source, or are 0 where there is none.
    pub word: Vec<f64>,
    /// Along the bit lines, downwards, `[rows + 1][column]`; likewise.
    pub bit: Vec<f64>,
}

impl NodeVoltages {
    pub(super) fn new(crossbar: &Crossbar, voltages: &[f64], state: State, cells: Vec<f64>) -> Self {
        let rows = state.drop.chunks_exact(crossbar.columns()).zip(voltages);
        let word = rows.flat_map(|(row, volt)| row.iter().map(move |drop| volt - drop)).collect();
        Self { word, bit: state.bit, drop: state.drop, cells }
    }

    /// The currents of all branches. In an ideal wire that is fed or drained at both ends, each end carries half.
    pub fn branch_currents(&self, crossbar: &Crossbar) -> BranchCurrents {
        let [word, bit] = lines_of(crossbar);
        let (columns, wiring) = (crossbar.columns(), crossbar.wiring());
        let word = segments(
            word,
            columns,
            &self.drop,
            &self.cells,
            [wiring.drive != Drive::Right, wiring.drive != Drive::Left],
        );
        let ends = [wiring.collect != Collect::Bottom, wiring.collect != Collect::Top];
        let upwards = segments(bit, columns, &self.bit, &self.cells, ends);
        BranchCurrents {
            cells: self.cells.clone(),
            word,
            bit: upwards.into_iter().map(|ampere| 0.0 - ampere).collect(),
        }
    }
}

/// Currents along the lines towards higher places, if the cells drain them: `[row][columns + 1]` or `[rows + 1][column]`, the
/// terminals outermost. `at` says how far each node is below its terminals.
fn segments((line, run): (Line, Run), columns: usize, at: &[f64], cells: &[f64], ends: [bool; 2]) -> Vec<f64> {
    let rows = cells.len() / columns;
    let (lines, length, [along, across], stride) = match run {
        Run::AlongRows => (rows, columns, [1, columns], [1, columns + 1]),
        Run::DownColumns => (columns, rows, [columns, 1], [columns, 1]),
    };
    let mut segments = vec![0.0; lines * (length + 1)];
    for line_place in 0..lines {
        let node = |cell: usize| line_place * across + cell * along;
        let sum = || (0..length).map(|cell| cells[node(cell)]).sum::<f64>();
        let mut carried = match line {
            Line::Wire { ends, .. } => ends[0] * at[node(0)],
            Line::Fixed | Line::Node { .. } if ends == [true, true] => 0.5 * sum(),
            Line::Fixed | Line::Node { .. } if ends[0] => sum(),
            Line::Fixed | Line::Node { .. } => 0.0,
        };
        for cell in 0..=length {
            segments[line_place * stride[1] + cell * stride[0]] = carried;
            carried = match line {
                _ if cell == length => break,
                Line::Wire { ends, .. } if cell + 1 == length => -ends[1] * at[node(cell)],
                Line::Wire { segment, .. } => segment * (at[node(cell + 1)] - at[node(cell)]),
                Line::Fixed | Line::Node { .. } => carried - cells[node(cell)],
            };
        }
    }
    segments
}

/// Currents into the sinks, one a column, both ends together. Through a sink's own resistance where it has one: beside a great one, or where
/// cells carry current from row to row, the cells' currents cancel.
fn column_currents(crossbar: &Crossbar, bit: &[f64], cells: &[f64]) -> Vec<f64> {
    let columns = crossbar.columns();
    let (first, last) = (&bit[..columns], &bit[bit.len() - columns..]);
    match crossbar.wiring().bit_line() {
        Line::Fixed => (0..columns).map(|column| sum(cells[column..].iter().step_by(columns).copied())).collect(),
        Line::Node { terminal } => first.iter().map(|volt| terminal * volt).collect(),
        Line::Wire { ends, .. } => {
            first.iter().zip(last).map(|(first, last)| ends[0] * first + ends[1] * last).collect()
        }
    }
}
