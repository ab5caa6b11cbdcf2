//! What a solved crossbar tells: currents, node voltages, branch currents, and how well Kirchhoff's law holds.

use super::Crossbar;
use super::conjugate_gradients::{State, lines_of};
use super::line::{Line, Run, collect};

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
    /// Greatest violation of Kirchhoff's current law at any node under any input, relative to that input's largest terminal
    /// current, computed from the voltages found.
    pub residual: f64,
    /// One an input, if they were to be kept; else none.
    pub nodes: Vec<NodeVoltages>,
}

impl Solution {
    pub(super) fn empty(crossbar: &Crossbar, inputs: usize) -> Self {
        let currents = vec![0.0; crossbar.columns() * inputs];
        Self { inputs, currents, iterations: 0, residual: 0.0, nodes: vec![] }
    }

    /// Adds an input: `cells` are the currents through the cells.
    pub(super) fn add(&mut self, crossbar: &Crossbar, input: usize, iterations: usize, state: &State, cells: &[f64]) {
        let mut currents = vec![0.0; crossbar.columns()];
        let [word, bit] = lines_of(crossbar);
        collect(bit.0, cells, &state.bit, 1.0, &mut currents);
        let imbalances = [
            imbalance(word, crossbar.columns(), &state.drop, cells),
            imbalance(bit, crossbar.columns(), &state.bit, cells),
        ];
        let largest = largest(&currents).max(largest(&terminal_currents(word, crossbar.columns(), &state.drop, cells)));
        let violation = imbalances.iter().fold(0.0, |most: f64, layer| most.max(self::largest(layer)));
        if violation > 0.0 {
            self.residual = self.residual.max(violation / largest);
        }
        self.iterations = self.iterations.max(iterations);
        let outputs = self.currents.iter_mut().skip(input).step_by(self.inputs);
        outputs.zip(currents).for_each(|(output, current)| *output = current);
    }
}

/// Voltages of all nodes under one input, `[row][column]`, in volt. Nodes that an ideal wire makes one are repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeVoltages {
    /// Word side of each cell.
    pub word: Vec<f64>,
    /// Bit side of each cell.
    pub bit: Vec<f64>,
    drop: Vec<f64>,
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
    pub(super) fn new(crossbar: &Crossbar, voltages: &[f64], state: &State) -> Self {
        let rows = state.drop.chunks_exact(crossbar.columns()).zip(voltages);
        let word = rows.flat_map(|(row, volt)| row.iter().map(move |drop| volt - drop)).collect();
        Self { word, bit: state.bit.clone(), drop: state.drop.clone() }
    }

    pub(super) fn linear_cell_currents(&self, crossbar: &Crossbar, state: &State) -> Vec<f64> {
        let voltages = self.word.iter().zip(&state.bit);
        crossbar.conductances().iter().zip(voltages).map(|(siemens, (word, bit))| siemens * (word - bit)).collect()
    }
}

/// Current that each node gets from its wire beyond what its cell takes (word lines; on bit lines the reverse): 0 by Kirchhoff's
/// law. One value a node, so one a line where the wire is ideal.
fn imbalance((line, run): (Line, Run), columns: usize, at: &[f64], cells: &[f64]) -> Vec<f64> {
    match line {
        Line::Fixed => vec![],
        Line::Node { terminal } => {
            let sums = line_sums(run, columns, cells);
            let voltages = match run {
                Run::AlongRows => at.iter().step_by(columns).copied().collect::<Vec<_>>(),
                Run::DownColumns => at[..columns].to_vec(),
            };
            sums.iter().zip(voltages).map(|(sum, volt)| terminal * volt - sum).collect()
        }
        Line::Wire { segment, ends } => {
            let rows = cells.len() / columns;
            let (length, stride) = match run {
                Run::AlongRows => (columns, 1),
                Run::DownColumns => (rows, columns),
            };
            let node = |place: usize| {
                let cell = place / stride % length;
                let before = if cell == 0 { ends[0] * at[place] } else { segment * (at[place] - at[place - stride]) };
                let after =
                    if cell + 1 == length { ends[1] * at[place] } else { segment * (at[place] - at[place + stride]) };
                before + after - cells[place]
            };
            (0..cells.len()).map(node).collect()
        }
    }
}

/// Currents of the terminals of word lines, one a line.
fn terminal_currents((line, run): (Line, Run), columns: usize, at: &[f64], cells: &[f64]) -> Vec<f64> {
    match line {
        Line::Fixed | Line::Node { .. } => line_sums(run, columns, cells),
        Line::Wire { ends, .. } => {
            at.chunks_exact(columns).map(|row| ends[0] * row[0] + ends[1] * row[columns - 1]).collect()
        }
    }
}

fn line_sums(run: Run, columns: usize, cells: &[f64]) -> Vec<f64> {
    match run {
        Run::AlongRows => cells.chunks_exact(columns).map(|row| row.iter().sum()).collect(),
        Run::DownColumns => (0..columns).map(|column| cells[column..].iter().step_by(columns).sum()).collect(),
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}
