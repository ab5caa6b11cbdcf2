//! How far a state is from fulfilling Kirchhoff's current law, and what that lets column currents be off by.
//!
//! Wires and terminals of a state follow Ohm's law by the way their currents are computed; what a node's wires and cell then leave over is
//! *missing*. Of a missing current a column's sink gets the part v that is the node's voltage while that sink alone is at 1 V (reciprocity).
//! So any flow f that leads the missing currents to the sources bounds the error of the column's current by Σ f Δv over the branches it
//! takes. Of a branch of g siemens Δv is at most 1, and g Δv at most S, the conductance that the sink sees, which is the sum of all g Δv²
//! too. So each kind of branch adds at most the lesser of Σ f min(1, S / g) and, by Cauchy and Schwarz, √(S Σ f² / g). Rounding enters the
//! same way, as currents that could be missing.
//!
//! The flow taken: along every line to its last node; what is left there, the line's sum, along the word line to its source, from a bit line
//! through its best cell. Along a wire the rounding of neighbouring nodes' voltages cancels, where the sum of all nodes' missing currents
//! would add it up; and a high resistance of a sink, as voltage sensing has it, makes S small.

use super::Crossbar;
use super::line::{Line, Run};
use super::room::{room_of, zeros};
use super::state::{State, lines_of};

/// Currents of the cells less what the wires carry to (word lines) or from them (bit lines), `[row][column]`. A line that is one
/// node has all of it at its first cell; of a fixed one nothing counts.
pub(super) fn missing((line, run): (Line, Run), columns: usize, at: &[f64], cells: &[f64]) -> Vec<f64> {
    let mut missing = match line {
        Line::Fixed | Line::Wire { .. } => room_of(cells.len(), cells.iter().copied()),
        Line::Node { .. } => zeros(cells.len()),
    };
    match (line, run) {
        (Line::Fixed, _) => {}
        (Line::Node { terminal }, Run::AlongRows) => {
            let rows = cells.chunks_exact(columns).zip(at.chunks_exact(columns));
            for (missing, (cells, at)) in missing.iter_mut().step_by(columns).zip(rows) {
                *missing = sum(cells.iter().copied().chain([-terminal * at[0]]));
            }
        }
        (Line::Node { terminal }, Run::DownColumns) => {
            for (column, missing) in missing[..columns].iter_mut().enumerate() {
                *missing = sum(cells[column..].iter().step_by(columns).copied().chain([-terminal * at[column]]));
            }
        }
        (Line::Wire { segment, ends }, Run::AlongRows) => {
            for (missing, at) in missing.chunks_exact_mut(columns).zip(at.chunks_exact(columns)) {
                let mut before = ends[0] * at[0];
                for (missing, pair) in missing.iter_mut().zip(at.windows(2)) {
                    let after = segment * (pair[0] - pair[1]);
                    *missing -= before + after;
                    before = -after;
                }
                missing[columns - 1] -= before + ends[1] * at[columns - 1];
            }
        }
        (Line::Wire { segment, ends }, Run::DownColumns) => {
            let last = missing.len() - columns;
            let mut before: Vec<f64> = at[..columns].iter().map(|at| ends[0] * at).collect();
            for start in (0..last).step_by(columns) {
                let (at, next) = at[start..start + 2 * columns].split_at(columns);
                let missing = &mut missing[start..start + columns];
                for column in 0..columns {
                    let after = segment * (at[column] - next[column]);
                    missing[column] -= before[column] + after;
                    before[column] = -after;
                }
            }
            for column in 0..columns {
                missing[last + column] -= before[column] + ends[1] * at[last + column];
            }
        }
    }
    missing
}

/// A sum as if rounded once: what each addition loses is added up too (Neumaier 1974).
pub(super) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0, 0.0);
    for value in values {
        let next: f64 = sum + value;
        lost += if f64::abs(sum) >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

/// What bounds errors under every input of a crossbar whose cells have these slopes.
pub(super) struct Balance<'a> {
    crossbar: &'a Crossbar,
    slopes: &'a [f64],
    /// At least the conductance that any sink sees.
    seen: f64,
    /// Of each word line and of each bit line: the part of what is left at its last node that can reach a column's current.
    left: [Vec<f64>; 2],
}

impl<'a> Balance<'a> {
    /// `slopes` `[row][column]` in siemens; `leeway` is 1 where they are exact, more where they could be so much greater or less.
    pub(super) fn new(crossbar: &'a Crossbar, slopes: &'a [f64], leeway: f64) -> Self {
        let columns = crossbar.columns();
        let (mut sums, mut most_in) = (vec![0.0; columns], vec![0.0_f64; columns]);
        for row in slopes.chunks_exact(columns) {
            for ((siemens, sum), most) in row.iter().zip(&mut sums).zip(&mut most_in) {
                *sum += siemens;
                *most = most.max(*siemens);
            }
        }
        let [(word, _), (bit, _)] = lines_of(crossbar);
        let sums = leeway * sums.into_iter().fold(0.0, f64::max);
        let seen = sums.min(terminals(bit));
        let to_source = way_out(word, columns);
        let of_word = vec![(seen * to_source).min(1.0); crossbar.rows()];
        let across = wire(bit, crossbar.rows()) + to_source;
        let of_bit = most_in.iter().map(|most| (seen * (across + leeway / most)).min(1.0)).collect();
        Self { crossbar, slopes, seen, left: [of_word, of_bit] }
    }

    /// What no column current of a state is off by more than, in ampere. `cells` are the currents through the cells and `missing` what
    /// both layers miss, `[row][column]`.
    pub(super) fn error(&self, state: &State, cells: &[f64], missing: [&[f64]; 2]) -> f64 {
        let lines = lines_of(self.crossbar);
        let [word, bit] = [0, 1].map(|layer| {
            let at = [&state.drop, &state.bit][layer];
            self.of_layer(lines[layer], &self.left[layer], at, cells, missing[layer])
        });
        word + bit + self.of_cells(state, cells)
    }

    /// Wires and terminals of all lines of one direction.
    fn of_layer(&self, (line, run): (Line, Run), left: &[f64], at: &[f64], cells: &[f64], missing: &[f64]) -> f64 {
        if line == Line::Fixed {
            return 0.0;
        }
        let columns = self.crossbar.columns();
        let segment = if let Line::Wire { segment, .. } = line { segment } else { 0.0 };
        let mut wires = Flows::default();
        let ends = match run {
            Run::AlongRows => along_rows(columns, segment, at, cells, missing, &mut wires),
            Run::DownColumns => down_columns(columns, segment, at, cells, missing, &mut wires),
        };
        let ends = ends.iter().zip(left).map(|(end, left)| end * left).sum::<f64>();
        ends + wires.reach(self.seen, segment) + self.of_terminals((line, run), at)
    }

    /// Rounding of the terminals' currents.
    fn of_terminals(&self, (line, run): (Line, Run), at: &[f64]) -> f64 {
        let columns = self.crossbar.columns();
        let at = |place: usize| match run {
            Run::AlongRows => {
                at.iter().skip(place * (columns - 1)).step_by(columns).map(|volt| volt.abs()).sum::<f64>()
            }
            Run::DownColumns => at[place * (at.len() - columns)..][..columns].iter().map(|volt| volt.abs()).sum(),
        };
        let reach = |terminal: f64, volts: f64| ROUNDINGS * terminal.min(self.seen) * volts;
        match line {
            Line::Fixed => 0.0,
            Line::Node { terminal } => reach(terminal, at(0)),
            Line::Wire { ends, .. } => reach(ends[0], at(0)) + reach(ends[1], at(1)),
        }
    }

    /// Rounding of the cells' currents, as voltages across them.
    fn of_cells(&self, state: &State, cells: &[f64]) -> f64 {
        let (mut sum, mut squares) = (0.0, 0.0);
        for ((slope, ampere), bit) in self.slopes.iter().zip(cells).zip(&state.bit) {
            if *slope > 0.0 {
                let volt = f64::EPSILON * (4.0 * ampere.abs() / slope + 0.5 * bit.abs());
                sum += volt * slope.min(self.seen);
                squares += volt * volt * slope;
            }
        }
        f64::min(sum, (self.seen * squares).sqrt())
    }
}

/// Relative rounding of a current by Ohm's law: of a difference of voltages, of the conductance and of the product.
const ROUNDINGS: f64 = 2.0 * f64::EPSILON;

/// All terminals of a line together, in siemens.
fn terminals(line: Line) -> f64 {
    match line {
        Line::Fixed => f64::INFINITY,
        Line::Node { terminal } => terminal,
        Line::Wire { ends, .. } => ends[0] + ends[1],
    }
}

/// Resistance of a wire from end to end, in ohm.
fn wire(line: Line, length: usize) -> f64 {
    match line {
        Line::Fixed | Line::Node { .. } => 0.0,
        Line::Wire { segment, .. } => (length - 1) as f64 / segment,
    }
}

/// Greatest resistance from the node of a line to one of its terminals, in ohm.
fn way_out(line: Line, length: usize) -> f64 {
    match line {
        Line::Fixed => 0.0,
        Line::Node { terminal } => terminal.recip(),
        Line::Wire { ends, .. } => wire(line, length) + ends[0].max(ends[1]).recip(),
    }
}

/// Flows through branches of one conductance.
#[derive(Default)]
struct Flows {
    sum: f64,
    squares: f64,
}

impl Flows {
    fn add(&mut self, flow: f64) {
        self.sum += flow;
        self.squares += flow * flow;
    }

    /// What they can make a column's current be off by.
    fn reach(&self, seen: f64, siemens: f64) -> f64 {
        if self.sum == 0.0 {
            return 0.0;
        }
        let share = seen / siemens;
        (self.sum * share.min(1.0)).min((share * self.squares).sqrt())
    }
}

/// Leads what is missing along the word lines; returns what is left at the end of each.
fn along_rows(columns: usize, segment: f64, at: &[f64], cells: &[f64], missing: &[f64], wires: &mut Flows) -> Vec<f64> {
    let rows = at.chunks_exact(columns).zip(cells.chunks_exact(columns)).zip(missing.chunks_exact(columns));
    let end = |((at, cells), missing): ((&[f64], &[f64]), &[f64])| {
        let (mut carried, mut rounded) = (0.0, 0.0);
        for place in 0..columns {
            carried += missing[place];
            rounded += f64::EPSILON * (cells[place].abs() + missing[place].abs());
            if segment > 0.0 && place + 1 < columns {
                wires.add(f64::abs(carried) + rounded + ROUNDINGS * segment * (at[place] - at[place + 1]).abs());
            }
        }
        f64::abs(carried) + rounded
    };
    rows.map(end).collect()
}

/// As [`along_rows`], down the bit lines.
fn down_columns(
    columns: usize,
    segment: f64,
    at: &[f64],
    cells: &[f64],
    missing: &[f64],
    wires: &mut Flows,
) -> Vec<f64> {
    let (mut carried, mut rounded) = (vec![0.0; columns], vec![0.0; columns]);
    for start in (0..at.len()).step_by(columns) {
        let next = at.get(start + columns..).filter(|next| segment > 0.0 && !next.is_empty());
        for column in 0..columns {
            let place = start + column;
            carried[column] += missing[place];
            rounded[column] += f64::EPSILON * (cells[place].abs() + missing[place].abs());
            if let Some(next) = next {
                let drop = (at[place] - next[column]).abs();
                wires.add(f64::abs(carried[column]) + rounded[column] + ROUNDINGS * segment * drop);
            }
        }
    }
    carried.iter().zip(&rounded).map(|(carried, rounded)| f64::abs(*carried) + rounded).collect()
}
