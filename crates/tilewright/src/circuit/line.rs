//! One line of a crossbar with its terminals, and exact solves of all word lines or all bit lines at once.
//!
//! The nodes of a line form a chain: each is tied to its neighbours by segments, to the other layer by its cell, and at
//! the ends to terminals. Elimination along the chain combines conductances in series and in parallel only; nothing is
//! subtracted, so that no digit is lost however small the wire resistance.

/// What a word line or a bit line is, electrically. Conductances in siemens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Line {
    /// Ideal wire and ideal terminal: all of it at the terminal's voltage.
    Fixed,
    /// Ideal wire: one node, tied to the terminal or terminals.
    Node {
        /// All terminals together.
        terminal: f64,
    },
    /// A node at every cell.
    Wire {
        /// Between neighbours.
        segment: f64,
        /// From the first and from the last node to its terminal, the end segment included; 0 without a terminal.
        ends: [f64; 2],
    },
}

impl Line {
    /// `segment` and `terminal` in ohm; `ends` says which ends have a terminal.
    pub(super) fn new(segment: f64, terminal: f64, ends: [bool; 2]) -> Self {
        let end = ends.map(|end| if end { (segment + terminal).recip() } else { 0.0 });
        match (segment > 0.0, terminal > 0.0) {
            (true, _) => Self::Wire { segment: segment.recip(), ends: end },
            (false, true) => Self::Node { terminal: end[0] + end[1] },
            (false, false) => Self::Fixed,
        }
    }
}

/// Which way lines run through matrices `[row][column]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Word lines.
    AlongRows,
    /// Bit lines.
    DownColumns,
}

/// All lines of one direction, each with its cells tied to 0 V, factored.
///
/// Vectors are `[row][column]` even where a line is one node: voltages then are equal along it, and of currents only the sum
/// counts. So nothing that uses this needs to know which kind of line it is.
pub(super) struct Lines {
    line: Line,
    run: Run,
    columns: usize,
    /// Of a wire, the share of a node's voltage in what its eliminated predecessor sees, `[row][column]`; of a node, its
    /// resistance, one a line.
    factor: Vec<f64>,
}

/// Lines along rows that are solved side by side: their chains of dependent operations overlap in the processor.
const TOGETHER: usize = 8;

impl Lines {
    pub(super) fn new(line: Line, run: Run, columns: usize, conductances: &[f64]) -> Self {
        let rows = conductances.len() / columns;
        let (lines, cells) = match run {
            Run::AlongRows => (rows, columns),
            Run::DownColumns => (columns, rows),
        };
        let at = |line: usize, cell: usize| match run {
            Run::AlongRows => line * columns + cell,
            Run::DownColumns => cell * columns + line,
        };
        let factor = match line {
            Line::Fixed => vec![],
            Line::Node { terminal } => {
                let sum = |line| (0..cells).map(|cell| conductances[at(line, cell)]).sum::<f64>();
                (0..lines).map(|line| (terminal + sum(line)).recip()).collect()
            }
            Line::Wire { segment, ends } => {
                let mut factor = vec![0.0; conductances.len()];
                for line in 0..lines {
                    let mut before = ends[0];
                    for cell in 0..cells - 1 {
                        let to_ground = before + conductances[at(line, cell)];
                        let share = segment / (segment + to_ground);
                        factor[at(line, cell)] = share;
                        before = share * to_ground;
                    }
                    let last = at(line, cells - 1);
                    factor[last] = segment / (before + conductances[last] + ends[1]);
                }
                factor
            }
        };
        Self { line, run, columns, factor }
    }

    /// Voltages of the lines, `out`, under the currents `into` flowing into their nodes. `[row][column]` both.
    #[inline(always)]
    pub(super) fn solve(&self, into: &[f64], out: &mut [f64]) {
        match (self.line, self.run) {
            (Line::Fixed, _) => out.fill(0.0),
            (Line::Node { .. }, Run::AlongRows) => {
                let rows = into.chunks_exact(self.columns).zip(out.chunks_exact_mut(self.columns));
                rows.zip(&self.factor).for_each(|((into, out), ohm)| out.fill(into.iter().sum::<f64>() * ohm));
            }
            (Line::Node { .. }, Run::DownColumns) => {
                let mut voltages = vec![0.0; self.columns];
                for row in into.chunks_exact(self.columns) {
                    voltages.iter_mut().zip(row).for_each(|(sum, into)| *sum += into);
                }
                voltages.iter_mut().zip(&self.factor).for_each(|(sum, ohm)| *sum *= ohm);
                out.chunks_exact_mut(self.columns).for_each(|row| row.copy_from_slice(&voltages));
            }
            (Line::Wire { segment, .. }, Run::AlongRows) => self.solve_along_rows(segment.recip(), into, out),
            (Line::Wire { segment, .. }, Run::DownColumns) => self.solve_down_columns(segment.recip(), into, out),
        }
    }

    #[inline(always)]
    fn solve_along_rows(&self, ohm: f64, into: &[f64], out: &mut [f64]) {
        let block = TOGETHER * self.columns;
        let whole = into.len() / block * block;
        let blocks = into[..whole].chunks_exact(block).zip(out[..whole].chunks_exact_mut(block));
        for ((into, out), factor) in blocks.zip(self.factor.chunks_exact(block)) {
            solve_rows::<TOGETHER>(self.columns, ohm, into, out, factor);
        }
        let rest = into[whole..].chunks_exact(self.columns).zip(out[whole..].chunks_exact_mut(self.columns));
        for ((into, out), factor) in rest.zip(self.factor[whole..].chunks_exact(self.columns)) {
            solve_rows::<1>(self.columns, ohm, into, out, factor);
        }
    }

    #[inline(always)]
    fn solve_down_columns(&self, ohm: f64, into: &[f64], out: &mut [f64]) {
        let columns = self.columns;
        out[..columns].iter_mut().zip(into).for_each(|(out, into)| *out = ohm * into);
        for start in (columns..out.len()).step_by(columns) {
            let (before, row) = out[start - columns..start + columns].split_at_mut(columns);
            let into = &into[start..start + columns];
            let factor = &self.factor[start - columns..start];
            for column in 0..columns {
                row[column] = ohm * into[column] + factor[column] * before[column];
            }
        }
        let last = out.len() - columns;
        out[last..].iter_mut().zip(&self.factor[last..]).for_each(|(out, factor)| *out *= factor);
        for start in (0..last).step_by(columns).rev() {
            let (row, after) = out[start..start + 2 * columns].split_at_mut(columns);
            let factor = &self.factor[start..start + columns];
            for column in 0..columns {
                row[column] = factor[column] * (row[column] + after[column]);
            }
        }
    }
}

/// `N` neighbouring rows of `columns` nodes.
#[inline(always)]
fn solve_rows<const N: usize>(columns: usize, ohm: f64, into: &[f64], out: &mut [f64], factor: &[f64]) {
    let (into, out, factor) = (&into[..N * columns], &mut out[..N * columns], &factor[..N * columns]);
    let mut carried = [0.0; N];
    for column in 0..columns {
        for (row, carried) in carried.iter_mut().enumerate() {
            let at = row * columns + column;
            let sum = ohm * into[at] + *carried;
            out[at] = sum;
            *carried = factor[at] * sum;
        }
    }
    carried = [0.0; N];
    for column in (0..columns).rev() {
        for (row, carried) in carried.iter_mut().enumerate() {
            let at = row * columns + column;
            *carried = factor[at] * (out[at] + *carried);
            out[at] = *carried;
        }
    }
}

impl Lines {
    /// Adds `times` the currents that the lines' terminals carry, one a line, to `currents`: of lines at voltages `out` under
    /// the currents `into`, as [`Lines::solve`] leaves them. Bit lines only.
    #[inline(always)]
    pub(super) fn collect(&self, into: &[f64], out: &[f64], times: f64, currents: &mut [f64]) {
        collect(self.line, into, out, times, currents);
    }

    /// The magnitudes of currents into all nodes, summed; a line that is one node counts once, a fixed one not at all.
    #[inline(always)]
    pub(super) fn sum_of_magnitudes(&self, currents: &[f64]) -> f64 {
        match (self.line, self.run) {
            (Line::Fixed, _) => 0.0,
            (Line::Node { .. }, Run::AlongRows) => {
                currents.chunks_exact(self.columns).map(|row| row.iter().sum::<f64>().abs()).sum()
            }
            (Line::Node { .. }, Run::DownColumns) => {
                (0..self.columns).map(|c| currents[c..].iter().step_by(self.columns).sum::<f64>().abs()).sum()
            }
            (Line::Wire { .. }, _) => {
                let (chunks, rest) = currents.as_chunks::<8>();
                let mut sums = [0.0; 8];
                for chunk in chunks {
                    sums.iter_mut().zip(chunk).for_each(|(sum, current)| *sum += current.abs());
                }
                sums.iter().sum::<f64>() + rest.iter().map(|current| current.abs()).sum::<f64>()
            }
        }
    }
}

/// Adds `times` the sink currents of bit lines at voltages `bit`, into which the cells feed `cells`, both `[row][column]`.
#[inline(always)]
pub(super) fn collect(line: Line, cells: &[f64], bit: &[f64], times: f64, currents: &mut [f64]) {
    let columns = currents.len();
    let first = &bit[..columns];
    let last = &bit[bit.len() - columns..];
    for column in 0..columns {
        currents[column] += times
            * match line {
                Line::Fixed => cells[column..].iter().step_by(columns).sum::<f64>(),
                Line::Node { terminal } => terminal * first[column],
                Line::Wire { ends, .. } => ends[0] * first[column] + ends[1] * last[column],
            };
    }
}
