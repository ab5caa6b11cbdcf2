//! What a solved crossbar tells: currents, node voltages, branch currents, and how well Kirchhoff's law holds.

use super::conjugate_gradients::{State, lines_of};
use super::line::{Line, Run};
use super::{Collect, Crossbar, Drive};

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
        let [word, bit] = lines_of(crossbar);
        let currents = terminal_currents(bit, crossbar.columns(), &state.bit, cells);
        let sources = terminal_currents(word, crossbar.columns(), &state.drop, cells);
        let largest = currents.iter().chain(&sources).fold(0.0, |most: f64, current| most.max(current.abs()));
        let violation = violation(word, crossbar.columns(), &state.drop, cells);
        let violation = violation.max(self::violation(bit, crossbar.columns(), &state.bit, cells));
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

/// Greatest difference between what the wires bring to a node and what its cell takes (word lines; on bit lines the reverse).
fn violation((line, run): (Line, Run), columns: usize, at: &[f64], cells: &[f64]) -> f64 {
    match line {
        Line::Fixed => 0.0,
        Line::Node { terminal } => {
            let (first, step) = match run {
                Run::AlongRows => (at, columns),
                Run::DownColumns => (&at[..columns], 1),
            };
            let voltages = first.iter().step_by(step);
            let sums = line_sums(run, columns, cells);
            sums.iter().zip(voltages).fold(0.0, |most: f64, (sum, volt)| most.max((terminal * volt - sum).abs()))
        }
        Line::Wire { segment, ends } => {
            let (length, stride) = match run {
                Run::AlongRows => (columns, 1),
                Run::DownColumns => (cells.len() / columns, columns),
            };
            let from = |node: usize, cell: usize| match cell {
                0 => ends[0] * at[node],
                _ => segment * (at[node] - at[node - stride]),
            };
            let to = |node: usize, cell: usize| match cell + 1 {
                end if end == length => ends[1] * at[node],
                _ => segment * (at[node] - at[node + stride]),
            };
            let mut most = 0.0_f64;
            for row in 0..cells.len() / columns {
                for column in 0..columns {
                    let node = row * columns + column;
                    let cell = if run == Run::AlongRows { column } else { row };
                    most = most.max((from(node, cell) + to(node, cell) - cells[node]).abs());
                }
            }
            most
        }
    }
}

/// Currents of the terminals, one a line, both ends of a line together.
fn terminal_currents((line, run): (Line, Run), columns: usize, at: &[f64], cells: &[f64]) -> Vec<f64> {
    let Line::Wire { ends, .. } = line else { return line_sums(run, columns, cells) };
    match run {
        Run::AlongRows => at.chunks_exact(columns).map(|row| ends[0] * row[0] + ends[1] * row[columns - 1]).collect(),
        Run::DownColumns => {
            let (first, last) = (&at[..columns], &at[at.len() - columns..]);
            first.iter().zip(last).map(|(first, last)| ends[0] * first + ends[1] * last).collect()
        }
    }
}

fn line_sums(run: Run, columns: usize, cells: &[f64]) -> Vec<f64> {
    match run {
        Run::AlongRows => cells.chunks_exact(columns).map(|row| row.iter().sum()).collect(),
        Run::DownColumns => (0..columns).map(|column| cells[column..].iter().step_by(columns).sum()).collect(),
    }
}
