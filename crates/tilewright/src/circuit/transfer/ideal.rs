//! Transfer matrices of crossbars where word lines, bit lines or both are ideal wires.

use super::block::starts;
use super::elimination::{Front, Region};
use crate::circuit::line::Line;
use fearless_simd::{Level, dispatch};

/// Of word lines that are fixed at their source's voltage: the transfer matrices `[row][column]` of the sinks at the top and at the
/// bottom. Their sum is the whole; a bit line that is one node gives each half.
pub(super) fn fixed_words(columns: usize, conductances: &[f64], bit: Line) -> [Vec<f64>; 2] {
    let mut ends = [vec![0.0; conductances.len()], vec![0.0; conductances.len()]];
    for column in 0..columns {
        let cells: Vec<f64> = conductances[column..].iter().step_by(columns).copied().collect();
        for (end, shares) in ends.iter_mut().zip(BitLine::new(&cells, bit).sink_shares()) {
            let matrix = end[column..].iter_mut().step_by(columns);
            matrix.zip(&cells).zip(shares).for_each(|((siemens, cell), share)| *siemens = cell * share);
        }
    }
    ends
}

/// As [`fixed_words`], of word lines that are one node each, tied to their source by `terminal` siemens. The bit lines must not be
/// fixed.
pub(super) fn node_words(columns: usize, conductances: &[f64], terminal: f64, bit: Line) -> [Vec<f64>; 2] {
    let rows = conductances.len() / columns;
    let sides = [rows, 0, columns, columns];
    let starts = starts(&sides);
    let mut front = Front::new(rows, sides.iter().sum());
    for (end, matrix) in fixed_words(columns, conductances, bit).iter().enumerate() {
        for (place, &siemens) in matrix.iter().enumerate() {
            front.tie(place / columns, starts[2 + end] + place % columns, siemens);
        }
    }
    for row in 0..rows {
        front.tie(row, row, terminal);
    }
    for column in 0..columns {
        let cells: Vec<f64> = conductances[column..].iter().step_by(columns).copied().collect();
        BitLine::new(&cells, bit).tie_cells(&mut front);
    }
    let level = Level::new();
    let all = dispatch!(level, simd => front.eliminate(simd, sides, Region::SourcesToSinks));
    [2, 3].map(|side| {
        let row = |row: usize| &all.upper[row * all.stride + starts[side]..][..columns];
        (0..rows).flat_map(row).copied().collect()
    })
}

/// A bit line whose cells are tied to sources.
struct BitLine<'a> {
    cells: &'a [f64],
    line: Line,
    /// Conductance to ground of all that lies above each node, cell and segments included; likewise below.
    above: Vec<f64>,
    below: Vec<f64>,
}

impl<'a> BitLine<'a> {
    fn new(cells: &'a [f64], line: Line) -> Self {
        let Line::Wire { segment, ends } = line else {
            return Self { cells, line, above: vec![], below: vec![] };
        };
        let last = cells.len() - 1;
        let (mut above, mut below) = (vec![ends[0]; cells.len()], vec![ends[1]; cells.len()]);
        let series = |siemens: f64| segment * (siemens / (segment + siemens));
        for node in 0..last {
            above[node + 1] = series(above[node] + cells[node]);
            let mirrored = last - node;
            below[mirrored - 1] = series(below[mirrored] + cells[mirrored]);
        }
        Self { cells, line, above, below }
    }

    /// Share of each cell's unloaded current that flows into the sink at the top and at the bottom: by reciprocity the voltage
    /// at its node with that sink at 1 V.
    fn sink_shares(&self) -> [Vec<f64>; 2] {
        let cells = self.cells.len();
        match self.line {
            // One node: both ends get half.
            Line::Fixed => [vec![0.5; cells], vec![0.5; cells]],
            Line::Node { terminal } => {
                let half = 0.5 * terminal / (terminal + self.cells.iter().sum::<f64>());
                [vec![half; cells], vec![half; cells]]
            }
            Line::Wire { segment, ends } => {
                let (mut top, mut bottom) = (vec![0.0; cells], vec![0.0; cells]);
                let last = cells - 1;
                top[0] = ends[0] / (ends[0] + self.cells[0] + self.below[0]);
                bottom[last] = ends[1] / (ends[1] + self.cells[last] + self.above[last]);
                for node in 1..cells {
                    top[node] = top[node - 1] * self.down(segment, node);
                    bottom[last - node] = bottom[last - node + 1] * self.up(segment, last - node);
                }
                [top, bottom]
            }
        }
    }

    /// Voltage of `node` relative to that of the node above it, which is driven.
    fn down(&self, segment: f64, node: usize) -> f64 {
        segment / (segment + self.cells[node] + self.below[node])
    }

    /// Voltage of `node` relative to that of the node below it, which is driven.
    fn up(&self, segment: f64, node: usize) -> f64 {
        segment / (segment + self.cells[node] + self.above[node])
    }

    /// Ties the word nodes of each two cells by what this bit line makes of them.
    fn tie_cells(&self, front: &mut Front) {
        for (row, &cell) in self.cells.iter().enumerate() {
            match self.line {
                Line::Fixed => {}
                Line::Node { terminal } => {
                    let share = cell / (terminal + self.cells.iter().sum::<f64>());
                    let later = self.cells.iter().enumerate().skip(row + 1);
                    later.for_each(|(other, siemens)| front.tie_pivots(row, other, share * siemens));
                }
                Line::Wire { segment, .. } => {
                    let mut voltage = cell / (self.above[row] + cell + self.below[row]);
                    for other in row + 1..self.cells.len() {
                        voltage *= self.down(segment, other);
                        front.tie_pivots(row, other, voltage * self.cells[other]);
                    }
                }
            }
        }
    }
}
