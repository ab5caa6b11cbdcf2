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
    /// Of wires, the share of each node's voltage in what its eliminated predecessor sees: `[row][column]` of bit lines, `[row /
    /// TOGETHER][column][row % TOGETHER]` of word lines, rows filled up with 0. Of nodes, their resistance, one a line.
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
        let kept_at = |line: usize, cell: usize| match run {
            Run::AlongRows => (line / TOGETHER * columns + cell) * TOGETHER + line % TOGETHER,
            Run::DownColumns => cell * columns + line,
        };
        let factor = match line {
            Line::Fixed => vec![],
            Line::Node { terminal } => {
                let sum = |line| (0..cells).map(|cell| conductances[at(line, cell)]).sum::<f64>();
                (0..lines).map(|line| (terminal + sum(line)).recip()).collect()
            }
            Line::Wire { segment, ends } => {
                let kept = match run {
                    Run::AlongRows => lines.next_multiple_of(TOGETHER) * cells,
                    Run::DownColumns => lines * cells,
                };
                let mut factor = vec![0.0; kept];
                for line in 0..lines {
                    let mut before = ends[0];
                    for cell in 0..cells - 1 {
                        let to_ground = before + conductances[at(line, cell)];
                        let share = segment / (segment + to_ground);
                        factor[kept_at(line, cell)] = share;
                        before = share * to_ground;
                    }
                    let last = conductances[at(line, cells - 1)];
                    factor[kept_at(line, cells - 1)] = segment / (before + last + ends[1]);
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
        let mut sums = vec![[0.0; TOGETHER]; self.columns];
        let blocks = into.chunks(block).zip(out.chunks_mut(block));
        for ((into, out), factor) in blocks.zip(self.factor.chunks_exact(block)) {
            solve_rows(self.columns, ohm, into, out, factor.as_chunks().0, &mut sums);
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

/// At most [`TOGETHER`] neighbouring rows of `columns` nodes, side by side in the lanes of vectors. Rows are turned into lanes a
/// square at a time, so that each cache line is read once.
#[inline(always)]
fn solve_rows(
    columns: usize,
    ohm: f64,
    into: &[f64],
    out: &mut [f64],
    factor: &[[f64; TOGETHER]],
    sums: &mut [[f64; TOGETHER]],
) {
    let mut carried = [0.0; TOGETHER];
    let mut square = [[0.0; TOGETHER]; TOGETHER];
    for start in (0..columns).step_by(TOGETHER) {
        let width = TOGETHER.min(columns - start);
        for (lane, row) in into.chunks_exact(columns).enumerate() {
            for (square, into) in square.iter_mut().zip(&row[start..start + width]) {
                square[lane] = *into;
            }
        }
        for (place, into) in square[..width].iter().enumerate() {
            let (sum, factor) = (&mut sums[start + place], &factor[start + place]);
            for lane in 0..TOGETHER {
                sum[lane] = ohm * into[lane] + carried[lane];
                carried[lane] = factor[lane] * sum[lane];
            }
        }
    }
    carried = [0.0; TOGETHER];
    for start in (0..columns).step_by(TOGETHER).rev() {
        let width = TOGETHER.min(columns - start);
        for place in (0..width).rev() {
            let (sum, factor) = (&sums[start + place], &factor[start + place]);
            for lane in 0..TOGETHER {
                carried[lane] = factor[lane] * (sum[lane] + carried[lane]);
            }
            square[place] = carried;
        }
        for (lane, row) in out.chunks_exact_mut(columns).enumerate() {
            for (square, out) in square.iter().zip(&mut row[start..start + width]) {
                *out = square[lane];
            }
        }
    }
}

impl Lines {
    /// Adds `times` the currents that the lines' terminals carry, one a line, to `currents`: of lines at voltages `out` under
    /// the currents `into`, as [`Lines::solve`] leaves them. Bit lines only.
    #[inline(always)]
    pub(super) fn collect(&self, into: &[f64], out: &[f64], times: f64, currents: &mut [f64]) {
        let columns = currents.len();
        let (first, last) = (&out[..columns], &out[out.len() - columns..]);
        for column in 0..columns {
            let ampere = match self.line {
                Line::Fixed => into[column..].iter().step_by(columns).sum::<f64>(),
                Line::Node { terminal } => terminal * first[column],
                Line::Wire { ends, .. } => ends[0] * first[column] + ends[1] * last[column],
            };
            currents[column] += times * ampere;
        }
    }

    /// As [`sum_of_magnitudes`].
    #[inline(always)]
    pub(super) fn sum_of_magnitudes(&self, currents: &[f64]) -> f64 {
        sum_of_magnitudes((self.line, self.run), self.columns, currents)
    }
}

/// The magnitudes of currents into all nodes, summed; a line that is one node counts once, a fixed one not at all.
#[inline(always)]
pub(super) fn sum_of_magnitudes((line, run): (Line, Run), columns: usize, currents: &[f64]) -> f64 {
    match (line, run) {
        (Line::Fixed, _) => 0.0,
        (Line::Node { .. }, Run::AlongRows) => {
            currents.chunks_exact(columns).map(|row| row.iter().sum::<f64>().abs()).sum()
        }
        (Line::Node { .. }, Run::DownColumns) => {
            (0..columns).map(|column| currents[column..].iter().step_by(columns).sum::<f64>().abs()).sum()
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
