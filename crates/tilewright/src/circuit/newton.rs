//! Crossbars of nonlinear cells: Newton's iteration, damped, around the linear solver.
//!
//! All curves rise, so that the currents are the slope of a convex function of the node voltages (the network's
//! co-content, Millar 1951): there is one solution, and a short enough step of Newton's always leads nearer to it.

use super::conjugate_gradients::{State, Stop, System, lines_of};
use super::crossbar::inputs;
use super::line::{Line, Run, sum_of_magnitudes};
use super::solution::{Keep, NodeVoltages, Solution};
use super::{CellCurve, CircuitError, Crossbar, SolveOptions, solve_with};
use fearless_simd::{Level, dispatch};

/// Newton steps for one input. Quadratic convergence needs a handful; steep curves some more to come near.
const MOST_STEPS: usize = 200;

/// Column currents of a crossbar whose cells follow `curve`, under `voltages` `[row][input]`, in volt.
///
/// [`Solution::iterations`] counts Newton steps. Linear cells are left to [`solve_with`].
///
/// # Errors
/// If the curve is out of range, a voltage is missing or not finite, or the tolerance is not reached.
pub fn solve_nonlinear(
    crossbar: &Crossbar,
    curve: CellCurve,
    voltages: &[f64],
    options: &SolveOptions,
) -> Result<Solution, CircuitError> {
    curve.verify()?;
    if curve == CellCurve::Linear {
        return solve_with(crossbar, voltages, options);
    }
    let inputs = inputs(crossbar.rows(), voltages)?;
    let mut solution = Solution::empty(crossbar, inputs);
    for input in 0..inputs {
        let row_voltages: Vec<f64> = voltages.iter().skip(input).step_by(inputs).copied().collect();
        let newton = Newton { crossbar, curve, voltages: &row_voltages, lines: lines_of(crossbar) };
        let (point, steps) = newton.solve(options)?;
        solution.add(crossbar, input, steps, &point.state, &point.currents);
        if options.keep == Keep::Nodes {
            solution.nodes.push(NodeVoltages::new(crossbar, &row_voltages, point.state, point.currents));
        }
    }
    Ok(solution)
}

struct Newton<'a> {
    crossbar: &'a Crossbar,
    curve: CellCurve,
    voltages: &'a [f64],
    lines: [(Line, Run); 2],
}

/// A state, and what follows from it.
struct Point {
    state: State,
    /// Of the cells.
    currents: Vec<f64>,
    /// Of the cells' curves.
    slopes: Vec<f64>,
    /// What the word lines bring too little to their cells, the bit lines take away too little from them.
    missing: [Vec<f64>; 2],
    /// All of that, summed up.
    norm: f64,
    /// What rounding makes of it: below that there is nothing to gain.
    rounding: f64,
}

impl Newton<'_> {
    fn solve(&self, options: &SolveOptions) -> Result<(Point, usize), CircuitError> {
        let nothing = vec![0.0; self.crossbar.conductances().len()];
        let mut point = self.point(State { drop: nothing.clone(), bit: nothing });
        for step in 0..=MOST_STEPS {
            let largest = self.largest_current(&point);
            let goal = (options.tolerance * largest).max(point.rounding);
            if point.norm.is_finite() && point.norm <= goal {
                return Ok((point, step));
            }
            let on = step < MOST_STEPS && point.norm.is_finite();
            let next = if on { self.nearer(&point, goal, options)? } else { None };
            let Some(next) = next else {
                let residual = point.norm / largest;
                return Err(CircuitError::NotConverged { iterations: step, residual, tolerance: options.tolerance });
            };
            point = next;
        }
        unreachable!("the last step returns")
    }

    /// The end of the longest step that leads nearer, if any does.
    fn nearer(&self, point: &Point, goal: f64, options: &SolveOptions) -> Result<Option<Point>, CircuitError> {
        let system = System::new(self.crossbar, &point.slopes);
        let stop = Stop { relative: 1e-9, absolute: 0.05 * goal, max_iterations: options.max_iterations };
        let [word, bit] = &point.missing;
        let (step, _) = dispatch!(Level::new(), _simd => system.solve(word, bit, &stop))?;
        let along = |from: &[f64], step: &[f64], length: f64| -> Vec<f64> {
            from.iter().zip(step).map(|(from, step)| from + length * step).collect()
        };
        let mut length = 1.0;
        while length > 1e-12 {
            let drop = along(&point.state.drop, &step.drop, length);
            let next = self.point(State { drop, bit: along(&point.state.bit, &step.bit, length) });
            if next.norm <= (1.0 - 1e-4 * length) * point.norm {
                return Ok(Some(next));
            }
            length /= 2.0;
        }
        Ok(None)
    }

    fn point(&self, state: State) -> Point {
        let columns = self.crossbar.columns();
        let cells = self.crossbar.conductances().iter().zip(state.drop.iter().zip(&state.bit)).enumerate();
        let at = |(place, (siemens, (drop, bit))): (usize, (&f64, (&f64, &f64)))| {
            self.curve.at(*siemens, self.voltages[place / columns] - drop - bit)
        };
        let (currents, slopes): (Vec<f64>, Vec<f64>) = cells.map(at).unzip();
        let [word, bit] = self.lines;
        let missing = [missing(word, columns, &state.drop, &currents), missing(bit, columns, &state.bit, &currents)];
        let norm = sum_of_magnitudes(word, columns, &missing[0]) + sum_of_magnitudes(bit, columns, &missing[1]);
        let sum = |values: &[f64]| values.iter().map(|value| value.abs()).sum::<f64>();
        let wired = |(line, _): (Line, Run), at: &[f64]| match line {
            Line::Fixed => 0.0,
            Line::Node { terminal } => terminal * sum(at),
            Line::Wire { segment, .. } => 2.0 * segment * sum(at),
        };
        let summed = 2.0 * sum(&currents) + wired(word, &state.drop) + wired(bit, &state.bit);
        Point { state, currents, slopes, missing, norm, rounding: f64::EPSILON * summed }
    }

    fn largest_current(&self, point: &Point) -> f64 {
        let columns = self.crossbar.columns();
        let sum = |column: usize| point.currents[column..].iter().step_by(columns).sum::<f64>().abs();
        (0..columns).map(sum).fold(0.0, f64::max)
    }
}

/// Currents of the cells less what the wires carry to (word lines) or from them (bit lines), `[row][column]`; of a line that is one
/// node only the sum counts.
fn missing((line, run): (Line, Run), columns: usize, at: &[f64], cells: &[f64]) -> Vec<f64> {
    let mut missing = cells.to_vec();
    let (length, stride) = match run {
        Run::AlongRows => (columns, 1),
        Run::DownColumns => (cells.len() / columns, columns),
    };
    match line {
        Line::Fixed => {}
        Line::Node { terminal } => {
            let firsts = (0..cells.len()).filter(|place| place / stride % length == 0);
            firsts.for_each(|place| missing[place] -= terminal * at[place]);
        }
        Line::Wire { segment, ends } => {
            for (place, missing) in missing.iter_mut().enumerate() {
                let cell = place / stride % length;
                let neighbour = |there: bool, end: f64, other: usize| match there {
                    true => segment * (at[place] - at[other]),
                    false => end * at[place],
                };
                *missing -= neighbour(cell > 0, ends[0], place.saturating_sub(stride))
                    + neighbour(cell + 1 < length, ends[1], place + stride);
            }
        }
    }
    missing
}
